package edm

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	guid      = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)
	instant   = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,12})?)?(Z|[+-]\d\d:\d\d)$`)
	date      = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$`)
	timeOfDay = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,12})?)?$`)
	duration  = regexp.MustCompile(`^-?P(\d+D)?(T(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$`)
)

// isPrimitive reports whether a JSON value other than null, an object or an
// array is one of the named primitive type (OData JSON Format 4.01, section 7.1).
func isPrimitive(typeName string, v any) bool {
	switch typeName {
	case "Edm.Boolean":
		_, ok := v.(bool)
		return ok
	case "Edm.Byte":
		return isInteger(v, 0, math.MaxUint8)
	case "Edm.SByte":
		return isInteger(v, math.MinInt8, math.MaxInt8)
	case "Edm.Int16":
		return isInteger(v, math.MinInt16, math.MaxInt16)
	case "Edm.Int32":
		return isInteger(v, math.MinInt32, math.MaxInt32)
	case "Edm.Int64":
		return isInteger(v, math.MinInt64, math.MaxInt64)
	case "Edm.Double", "Edm.Single", "Edm.Decimal":
		return isFloat(v)
	}
	s, ok := v.(string)
	return ok && isText(typeName, s)
}

// isText reports whether s is a value of a primitive type that JSON writes as
// a string.
func isText(typeName, s string) bool {
	switch typeName {
	case "Edm.Guid":
		return guid.MatchString(s)
	case "Edm.DateTimeOffset":
		return instant.MatchString(s)
	case "Edm.Date":
		return date.MatchString(s)
	case "Edm.TimeOfDay":
		return timeOfDay.MatchString(s)
	case "Edm.Duration":
		return duration.MatchString(s) && !strings.HasSuffix(s, "P") && !strings.HasSuffix(s, "T")
	case "Edm.Binary":
		return isBase64(s)
	}
	return true
}

// isInteger accepts JSON numbers without a fraction.
func isInteger(v any, least, most int64) bool {
	switch n := v.(type) {
	case json.Number:
		i, err := strconv.ParseInt(string(n), 10, 64)
		return err == nil && i >= least && i <= most
	case float64:
		return n == math.Trunc(n) && n >= float64(least) && n <= float64(most)
	case int:
		return int64(n) >= least && int64(n) <= most
	}
	return false
}

func isFloat(v any) bool {
	switch x := v.(type) {
	case json.Number, float64, int:
		return true
	case string:
		return x == "NaN" || x == "INF" || x == "-INF"
	}
	return false
}

// isBase64 accepts both alphabets, with and without padding.
func isBase64(s string) bool {
	s = strings.TrimRight(s, "=")
	_, err := base64.RawStdEncoding.DecodeString(s)
	if err != nil {
		_, err = base64.RawURLEncoding.DecodeString(s)
	}
	return err == nil
}
