// Package people makes up a company: its people, groups, rooms and shared
// mailboxes, and a year of their meetings, as Graph JSON documents.
//
// It promises the same company for the same options, and that a larger company
// begins with the people of a smaller one. Names are common ones of many
// countries; telephone numbers and outside addresses are of ranges reserved for
// fiction and documentation, so that nobody real is ever called or written to.
package people

import (
	"math/rand/v2"
	"time"
)

// Options of Generate.
type Options struct {
	Seed   uint64
	Users  int       // how many people; at least one
	Domain string    // of their addresses; empty means contoso.example
	Around time.Time // the meetings lie half a year before and after it
}

// Doc is a Graph JSON document.
type Doc = map[string]any

// Company is a made-up company.
type Company struct {
	// Users are the people. The first is the Global Administrator, with a
	// manager and direct reports where the company is large enough.
	Users []Doc
	// Managers gives the manager's id for a user's id. One person has none.
	Managers map[string]string
	// Shared are the accounts of shared mailboxes: users that cannot sign in.
	Shared []Doc
	Rooms  []Room
	Groups []Group
	// Calendars are those that people keep beside their own.
	Calendars []Calendar

	*register
	staff  []*person
	byTeam map[string][]*person
}

// Room is a meeting room: what Graph says of the place, and its account, which
// cannot sign in. Both have the same mail address.
type Room struct {
	Place, Account Doc
}

// Group is a group with the ids of its owners and members. Members are users
// and groups.
type Group struct {
	Doc     Doc
	Owners  []string
	Members []string
}

// Calendar is a further calendar of a user.
type Calendar struct {
	Owner string // user principal name
	Name  string
	Color string // Graph's calendarColor
}

// Generate makes up a company.
func Generate(opt Options) *Company {
	opt.Users = max(1, opt.Users)
	if opt.Domain == "" {
		opt.Domain = "contoso.example"
	}
	c := &Company{Managers: map[string]string{}, register: newRegister(opt), byTeam: map[string][]*person{}}
	for i := range opt.Users {
		c.hire(c.newPerson(i))
	}
	for _, p := range c.staff {
		if p.head && opt.Users > 1 {
			p.manager = c.staff[chief]
		}
		if p.manager != nil {
			c.Managers[p.id] = p.manager.id
		}
		c.Users = append(c.Users, p.doc(opt))
	}
	c.Shared = c.sharedMailboxes()
	c.Rooms = c.rooms()
	c.Groups = c.groups()
	c.Calendars = c.calendars()
	return c
}

// hire puts a person into their department: under whom there is room, or at
// the head of it.
func (c *Company) hire(p *person) {
	team := c.byTeam[p.department.name]
	switch {
	case p.number == chief:
	case len(team) == 0:
		p.head = true
	default:
		p.manager = team[(len(team)-1)/reports]
	}
	c.staff = append(c.staff, p)
	c.byTeam[p.department.name] = append(team, p)
}

// register is what a company is made up from.
type register struct {
	opt           Options
	given, family []called
	offices       []office
	departments   []department
	taken         map[string]int // mail nicknames
}

func newRegister(opt Options) *register {
	return &register{opt, names(givenNames), names(familyNames), offices(), departments(), map[string]int{}}
}

// chief is the position of the person at the top; the administrator comes
// first. reports is how many people one manager has.
const (
	chief   = 1
	reports = 8
)

// calendars gives every fifth person, and the first two, another calendar.
func (c *Company) calendars() []Calendar {
	kinds := []Calendar{
		{Name: "Projects", Color: "lightBlue"}, {Name: "On call", Color: "lightRed"}, {Name: "Travel", Color: "lightGreen"},
	}
	var list []Calendar
	for i, p := range c.staff {
		if i < 2 || i%5 == 0 {
			kind := kinds[i%len(kinds)]
			kind.Owner = p.upn
			list = append(list, kind)
		}
	}
	return list
}

// The streams of chance, so that each thing's chances depend on nothing else.
const (
	ofPerson uint64 = iota + 1
	ofRoom
	ofShared
	ofGroup
	ofMeetings
)

// chances returns the chances of the n-th thing of a stream.
func chances(seed, stream uint64, n int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream<<32|uint64(n)))
}

// guid draws an id. It is of version 4's layout (RFC 9562).
func guid(r *rand.Rand) string {
	const digits = "0123456789abcdef"
	high, low := r.Uint64(), r.Uint64()
	high = high&^0xf000 | 0x4000
	low = low&^(0xc<<60) | 0x8<<60
	out := make([]byte, 0, 36)
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			out = append(out, '-')
		}
		half := high
		if i >= 16 {
			half = low
		}
		out = append(out, digits[half>>(60-4*(i%16))&15])
	}
	return string(out)
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }
