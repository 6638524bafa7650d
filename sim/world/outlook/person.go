package outlook

import "strings"

// Person is an address with the name that goes with it.
type Person struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// ReadPerson reads a recipient.
func ReadPerson(d Doc) Person {
	email, _ := d["emailAddress"].(Doc)
	return Person{Text(email, "name"), strings.TrimSpace(Text(email, "address"))}
}

// Doc writes the person as a recipient.
func (p Person) Doc() Doc {
	return Doc{"emailAddress": Doc{"name": p.Name, "address": p.Address}}
}
