package odata

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const upperHex = "0123456789ABCDEF"

// unescape decodes the percent escapes of raw once; plus turns '+' into a
// space, as in queries. It returns the offset of what it refuses (a broken
// escape, a control character, text that is not UTF-8), or -1.
func unescape(raw string, plus bool) (string, int) {
	if i := strings.IndexFunc(raw, func(r rune) bool {
		return r == '%' || r == '+' || r == utf8.RuneError || unicode.IsControl(r)
	}); i < 0 {
		return raw, -1
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '%':
			v, ok := hexByte(raw[i+1:])
			if !ok {
				return "", i
			}
			out = append(out, v)
			i += 2
		case c == '+' && plus:
			out = append(out, ' ')
		default:
			out = append(out, c)
		}
	}
	text := string(out)
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", 0
	}
	return text, -1
}

// hexByte reads the two hexadecimal digits that s begins with.
func hexByte(s string) (byte, bool) {
	if len(s) < 2 {
		return 0, false
	}
	hi, lo := fromHex(s[0]), fromHex(s[1])
	return byte(hi<<4 | lo), hi >= 0 && lo >= 0
}

func fromHex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// Characters that stay as they are in the canonical form, besides letters and
// digits. '+' is escaped everywhere, because a query reads it as a space.
const (
	plainInPath  = "-._~!$&'()*,;=:@"
	plainInQuery = "-._~!$'()*,;:@/="
)

// escape writes text with everything escaped but letters, digits and plain.
func escape(b *strings.Builder, text, plain string) {
	for i := range len(text) {
		c := text[i]
		if isAlnum(c) || strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
