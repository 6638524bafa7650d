package entra

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// explanation is what a person is told about some of Entra's error codes.
// {registration}, {client}, {tenant} and {clock} are filled in.
type explanation struct {
	entra   []int
	code    string
	say, do string
	// stays says that asking again changes nothing, or makes it worse: a lock, a
	// policy, a person's decision. It is not asked again until somebody acts.
	stays bool
}

// Stays says whether a refusal is one that asking again cannot mend.
func Stays(err error) bool {
	var r *graphwarden.Refusal
	return errors.As(err, &r) && slices.ContainsFunc(explanations(), func(e explanation) bool { return e.stays && e.code == r.Code })
}

// OfPerson says whether a refusal with this code is about the person who signs in,
// who may mend it by signing in again, and not about the app.
func OfPerson(code string) bool {
	about := slices.Concat(ofConsent(), ofPolicies(), ofAccounts(), ofSignIns())
	return slices.ContainsFunc(about, func(e explanation) bool { return e.code == code })
}

// Anew says whether a refusal with this code is mended by signing in once more, and
// by nothing else.
func Anew(code string) bool {
	return slices.ContainsFunc(ofSignIns(), func(e explanation) bool { return e.code == code })
}

// Explained lists the numbers of Entra's errors that have an explanation, each
// with the code of the refusal.
func Explained() map[int]string {
	out := map[int]string{}
	for _, e := range explanations() {
		for _, number := range e.entra {
			out[number] = e.code
		}
	}
	return out
}

func (e explanation) explains(number int, s situation) bool {
	if number == 7000215 && s.secretIsID() {
		return e.code == "entra.secret_is_id"
	}
	return slices.Contains(e.entra, number)
}

// secretIsID says whether the secret has the form of its own id, a GUID: the
// portal shows both side by side, and the wrong one is often copied.
func (s situation) secretIsID() bool {
	is := false
	s.credential.Secret.Reveal(func(plain []byte) {
		is = len(plain) == 36 && strings.Count(string(plain), "-") == 4
	})
	return is
}

func (e explanation) refusal(header http.Header, s situation, cause error) *graphwarden.Refusal {
	fill := strings.NewReplacer(
		"{registration}", s.registration.Name,
		"{client}", s.registration.ClientID,
		"{tenant}", s.tenant.ID,
		"{clock}", clock(header, s.now),
	)
	return &graphwarden.Refusal{
		Kind: graphwarden.Credential, Code: e.code,
		Say: fill.Replace(e.say), Do: fill.Replace(e.do), Cause: cause,
	}
}

// clock compares this computer's clock with the Date of Entra's answer.
func clock(header http.Header, now time.Time) string {
	theirs, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return "this computer's clock and Microsoft's differ"
	}
	switch skew := now.Sub(theirs).Round(time.Minute); {
	case skew > 0:
		return "this computer's clock is " + span(skew) + " ahead of Microsoft's"
	case skew < 0:
		return "this computer's clock is " + span(-skew) + " behind Microsoft's"
	}
	return "this computer's clock agrees with Microsoft's now, so it was set meanwhile"
}

// span writes a duration in its two largest units.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	parts := []struct {
		unit time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "min"}}
	var out []string
	for _, p := range parts {
		if n := d / p.unit; n > 0 && len(out) < 2 {
			out = append(out, strconv.Itoa(int(n))+" "+p.name)
		}
		d %= p.unit
	}
	return strings.Join(out, " ")
}
