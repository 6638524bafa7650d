package entra

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
)

// situation is what an explanation can speak of.
type situation struct {
	tenant       graphwarden.Tenant
	registration graphwarden.Registration
	credential   Credential
	now          time.Time
}

// explanation is what a person is told about some of Entra's error codes.
// {registration}, {client}, {tenant} and {clock} are filled in.
type explanation struct {
	entra   []int
	code    string
	say, do string
}

// explanations follow Microsoft's list of error codes (graph-facts §1.9). The
// code entra.secret_is_id has no number of its own: Entra calls it a wrong secret.
func explanations() []explanation {
	return []explanation{
		{[]int{90002, 50059}, "entra.tenant_unknown",
			"Entra knows no tenant {tenant}.",
			"Check the tenant's id on Entra's overview page, and that the tenant's cloud is the right one."},
		{[]int{90038, 900382}, "entra.other_cloud",
			"The tenant {tenant} lives in another of Microsoft's clouds.",
			"Name that cloud in the configuration of the tenant."},
		{[]int{9001023, 50194}, "entra.tenant_shared",
			"{tenant} is not one tenant.",
			"Write the tenant's own id or domain; common and organizations do not work for a program."},
		{[]int{700016}, "entra.app_unknown",
			"The tenant {tenant} knows no app with the client id {client}.",
			"Check the client id of the registration {registration}; if it is right, an administrator of the tenant must consent to the app first."},
		{[]int{70001, 7000112}, "entra.app_disabled",
			"The app {client} is disabled.",
			"Enable it under Enterprise applications in the tenant {tenant}."},
		{[]int{7000215, 70002}, "entra.secret_wrong",
			"The client secret of the registration {registration} is wrong.",
			"Make a new client secret in Entra and copy its value at once; it is shown only then."},
		{nil, "entra.secret_is_id",
			"The client secret of the registration {registration} is the secret's id, not its value.",
			"Copy the column Value, not Secret ID; if the value is no longer shown, make a new client secret."},
		{[]int{7000222}, "entra.secret_expired",
			"The client secret of the registration {registration} has expired.",
			"Make a new client secret in Entra, or better a certificate, and put it into the configuration."},
		{[]int{7000218}, "entra.secret_missing",
			"The registration {registration} signs in without a secret or a certificate.",
			"Name one of them in the configuration."},
		{[]int{700027, 50012}, "entra.certificate_unknown",
			"Entra does not know the certificate of the registration {registration}.",
			"Upload its public part to the registration under Certificates & secrets, and compare the thumbprints."},
		{[]int{700024}, "entra.clock_off",
			"Entra refuses the time of the sign-in: {clock}.",
			"Set this computer's clock, best by a time server."},
		{[]int{700025}, "entra.app_public",
			"The app {client} is registered as a public client, which has no credential.",
			"Use a registration with the platform Web or none, and switch off Allow public client flows."},
		{[]int{65001, 90094, 90095}, "entra.consent_missing",
			"Nobody has consented to the app {client} in the tenant {tenant}.",
			"Have an administrator grant admin consent under Enterprise applications."},
		{[]int{50001, 500011, 70011, 1002012, 650057}, "entra.resource_unknown",
			"The tenant {tenant} does not offer Microsoft Graph to this app.",
			"Check the Graph address of the tenant's cloud in the configuration."},
		{[]int{53003, 530032, 530034, 50131}, "entra.policy_blocks",
			"A Conditional Access policy of the tenant {tenant} blocks the app {client}.",
			"Look up the sign-in under Service principal sign-ins in Entra; it names the policy."},
	}
}

// problem turns an answer other than 200 into what the caller can do about it.
func problem(answer *gate.Answer, body []byte, s situation) error {
	var told struct {
		Error string `json:"error"`
		Codes []int  `json:"error_codes"`
		Trace string `json:"trace_id"`
	}
	if err := json.Unmarshal(body, &told); err != nil {
		told.Error = "" // a page of something between us and Entra
	}
	number := 0
	if len(told.Codes) > 0 {
		number = told.Codes[0]
	}
	cause := fmt.Errorf("entra answered %d %s AADSTS%d, trace %q", answer.Status, told.Error, number, told.Trace)
	if passing(answer.Status, number, told.Error) {
		return &graphwarden.Later{After: answer.Wait, Cause: cause}
	}
	if told.Error == "" {
		return strange(s.registration, cause)
	}
	for _, e := range explanations() {
		if e.explains(number, s) {
			return e.refusal(answer.Header, s, cause)
		}
	}
	return &graphwarden.Refusal{
		Kind: graphwarden.Credential, Code: "entra.refused",
		Say:   fmt.Sprintf("Entra refuses the sign-in of the registration %s with the code AADSTS%d.", s.registration.Name, number),
		Do:    "Look the code up at https://login.microsoftonline.com/error, and the sign-in in Entra's log.",
		Cause: cause,
	}
}

// passing says whether the refusal passes by itself (graph-facts §1.9).
func passing(status, number int, name string) bool {
	switch number {
	case 90024, 90033, 90006, 50033, 90012, 90055:
		return true
	}
	return status == http.StatusTooManyRequests || status >= 500 || name == "temporarily_unavailable"
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

func strange(r graphwarden.Registration, cause error) *graphwarden.Refusal {
	return &graphwarden.Refusal{
		Kind: graphwarden.Unreachable, Code: "entra.answer_strange",
		Say:   fmt.Sprintf("What answers the sign-in of the registration %s is not Entra.", r.Name),
		Do:    "Check the login address of the tenant's cloud, and whether a proxy answers in its place.",
		Cause: cause,
	}
}
