package people

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// account is a user that cannot sign in: a room or a shared mailbox.
func (g *register) account(r *rand.Rand, display string, o office) Doc {
	nick := nickname(display, g.taken)
	mail := nick + "@" + g.opt.Domain
	return Doc{
		"id":                guid(r),
		"accountEnabled":    false,
		"businessPhones":    []any{},
		"city":              o.city,
		"companyName":       companyName(g.opt.Domain),
		"country":           o.country,
		"createdDateTime":   recur.DateOf(g.opt.Around).AddDate(-5, 0, 0).Format(time.RFC3339),
		"displayName":       display,
		"givenName":         nil,
		"jobTitle":          nil,
		"mail":              mail,
		"mailNickname":      nick,
		"mailboxSettings":   settings(o),
		"mobilePhone":       nil,
		"officeLocation":    o.city,
		"preferredLanguage": nil,
		"proxyAddresses":    []any{"SMTP:" + mail},
		"surname":           nil,
		"usageLocation":     o.usage,
		"userPrincipalName": mail,
		"userType":          "Member",
	}
}

// rooms makes the meeting rooms: two in every office, and more for a large
// company.
func (g *register) rooms() []Room {
	trees := []string{"Alder", "Birch", "Cedar", "Elm", "Hazel", "Juniper", "Larch", "Maple", "Oak", "Rowan"}
	var list []Room
	each := min(len(trees), 2+g.opt.Users/500)
	for i, o := range g.offices {
		for j := range each {
			r := chances(g.opt.Seed, ofRoom, i*len(trees)+j)
			capacity := pick(r, []float64{4, 6, 8, 12, 20})
			floor := float64(1 + r.IntN(6))
			name := fmt.Sprintf("%s %s", o.city, trees[(i+j)%len(trees)])
			a := g.account(r, name, o)
			list = append(list, Room{Account: a, Place: Doc{
				"id":                     guid(r),
				"displayName":            name,
				"emailAddress":           a["mail"],
				"address":                o.address(),
				"phone":                  dial(r, o.line),
				"nickname":               trees[(i+j)%len(trees)],
				"building":               o.street,
				"floorNumber":            floor,
				"floorLabel":             fmt.Sprint(floor),
				"label":                  nil,
				"capacity":               capacity,
				"bookingType":            "standard",
				"isWheelChairAccessible": r.IntN(3) > 0,
				"audioDeviceName":        nil,
				"videoDeviceName":        nil,
				"displayDeviceName":      nil,
				"tags":                   []any{},
			}})
		}
	}
	return list
}

// sharedMailboxes makes the mailboxes that teams work in together.
func (g *register) sharedMailboxes() []Doc {
	var list []Doc
	for i, name := range []string{"Support", "Invoices", "Info"} {
		list = append(list, g.account(chances(g.opt.Seed, ofShared, i), name, g.offices[0]))
	}
	return list
}
