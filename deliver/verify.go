package deliver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// tolerance is how far the time of a delivery may be from the receiver's
// (Standard Webhooks, "Verifying signatures").
const tolerance = 5 * time.Minute

// Verify says whether a delivery was signed with one of the keys within the last
// five minutes: what a receiver has to check before it believes a word of the
// body. What is not right is a Refusal of kind Denied.
func Verify(h http.Header, body []byte, keys []seal.Secret, now time.Time) error {
	id, stamp := h.Get("webhook-id"), h.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if id == "" || err != nil {
		return unverified("It has no id or no time.")
	}
	if age := now.Sub(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return unverified("Its time is more than five minutes from now.")
	}
	message := append([]byte(id+"."+stamp+"."), body...)
	for _, signature := range strings.Fields(h.Get("webhook-signature")) {
		encoded, known := strings.CutPrefix(signature, "v1,")
		given, err := base64.StdEncoding.DecodeString(encoded)
		if !known || err != nil || len(given) != sha256.Size {
			continue // of another version, or none at all
		}
		for _, key := range keys {
			if !key.Empty() && hmac.Equal(given, key.Sign(message)) {
				return nil
			}
		}
	}
	return unverified("No signature on it is right.")
}

func unverified(say string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "deliver.unverified", Say: "This is not from Graphwarden: " + say,
		Do: "Compare the secret, the receiver's clock, and that the body is verified as it came, before it is parsed."}
}
