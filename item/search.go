package item

import (
	"encoding/json"
	"strings"
)

// Mentions says whether an event mentions words: each of them stands in its
// subject, its places, or the names and addresses of who is in it, in whatever
// case. It looks at what it is given: an event that is masked mentions nothing.
func Mentions(raw json.RawMessage, words string) bool {
	type person struct {
		EmailAddress struct{ Name, Address string } `json:"emailAddress"`
	}
	type place struct {
		DisplayName string `json:"displayName"`
	}
	var e struct {
		Subject   string   `json:"subject"`
		Location  place    `json:"location"`
		Locations []place  `json:"locations"`
		Organizer person   `json:"organizer"`
		Attendees []person `json:"attendees"`
	}
	_ = json.Unmarshal(raw, &e) // what is of another kind than documented mentions nothing
	text := []string{e.Subject, e.Location.DisplayName, e.Organizer.EmailAddress.Name, e.Organizer.EmailAddress.Address}
	for _, p := range e.Locations {
		text = append(text, p.DisplayName)
	}
	for _, p := range e.Attendees {
		text = append(text, p.EmailAddress.Name, p.EmailAddress.Address)
	}
	all := strings.ToLower(strings.Join(text, "\n"))
	for word := range strings.FieldsSeq(strings.ToLower(words)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}
