package people

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// department is a part of the company, with the titles of its head, of those
// who lead, and of everybody else.
type department struct {
	name, head, lead string
	titles           []string
	weight           int // how many of a hundred people work there
}

func departments() []department {
	return []department{
		{"Sales", "Sales Director", "Account Executive", []string{"Sales Representative", "Presales Consultant", "Sales Assistant"}, 22},
		{"Engineering", "Engineering Director", "Principal Engineer", []string{"Software Engineer", "Test Engineer", "Site Reliability Engineer"}, 26},
		{"Customer Service", "Service Director", "Service Team Leader", []string{"Service Agent", "Support Specialist"}, 18},
		{"IT", "IT Director", "Systems Architect", []string{"Systems Administrator", "Service Desk Analyst"}, 8},
		{"Finance", "Finance Director", "Controller", []string{"Accountant", "Payroll Clerk"}, 8},
		{"Marketing", "Marketing Director", "Brand Manager", []string{"Content Editor", "Event Organiser"}, 8},
		{"Human Resources", "HR Director", "HR Business Partner", []string{"Recruiter", "HR Assistant"}, 5},
		{"Legal", "General Counsel", "Senior Counsel", []string{"Paralegal", "Contract Specialist"}, 5},
	}
}

// it is the position of the department of the administrator.
const it = 3

// person is somebody who works in the company.
type person struct {
	id, upn, nickname string
	given, family     called
	department        department
	title             string
	office            office
	floor             int
	phone, mobile     string
	hired             time.Time
	number            int
	manager           *person
	head              bool // of the department, under the chief
}

func (g *register) newPerson(n int) *person {
	r := chances(g.opt.Seed, ofPerson, n)
	p := &person{id: guid(r), number: n}
	p.given, p.family = pick(r, g.given), pick(r, g.family)
	p.nickname = nickname(p.given.plain+"."+p.family.plain, g.taken)
	p.upn = p.nickname + "@" + g.opt.Domain
	p.office = pick(r, g.offices)
	p.floor = 1 + r.IntN(6)
	p.phone, p.mobile = dial(r, p.office.line), dial(r, p.office.mobile)
	p.hired = recur.DateOf(g.opt.Around).AddDate(0, 0, -400-r.IntN(4000))
	p.department = g.placed(r, n)
	p.title = pick(r, p.department.titles)
	if r.IntN(8) == 0 {
		p.title = p.department.lead
	}
	return p
}

// placed draws a department. The administrator is of IT, with two colleagues.
func (g *register) placed(r *rand.Rand, n int) department {
	draw := r.IntN(100)
	if n == 0 || n == 2 || n == 3 {
		return g.departments[it]
	}
	for _, d := range g.departments {
		if draw -= d.weight; draw < 0 {
			return d
		}
	}
	return g.departments[0]
}

func (p *person) displayName() string { return p.given.written + " " + p.family.written }

// doc is the person's Graph user.
func (p *person) doc(opt Options) Doc {
	title := p.title
	switch {
	case p.number == chief:
		title = "Chief Executive Officer"
	case p.head:
		title = p.department.head
	}
	return Doc{
		"id":                p.id,
		"accountEnabled":    true,
		"businessPhones":    []any{p.phone},
		"city":              p.office.city,
		"companyName":       companyName(opt.Domain),
		"country":           p.office.country,
		"createdDateTime":   p.hired.Format(time.RFC3339),
		"department":        p.department.name,
		"displayName":       p.displayName(),
		"employeeId":        fmt.Sprintf("%06d", 100+p.number),
		"employeeType":      "Employee",
		"givenName":         p.given.written,
		"jobTitle":          title,
		"mail":              p.upn,
		"mailNickname":      p.nickname,
		"mailboxSettings":   settings(p.office),
		"mobilePhone":       p.mobile,
		"officeLocation":    p.office.floor(p.floor),
		"postalCode":        p.office.postalCode,
		"preferredLanguage": p.office.language,
		"proxyAddresses":    []any{"SMTP:" + p.upn},
		"streetAddress":     p.office.street,
		"surname":           p.family.written,
		"usageLocation":     p.office.usage,
		"userPrincipalName": p.upn,
		"userType":          "Member",
	}
}

// settings is what a mailbox of an office is set to.
func settings(o office) Doc {
	return Doc{
		"timeZone": o.zone,
		"language": Doc{"locale": o.language, "displayName": nil},
		"workingHours": Doc{
			"daysOfWeek": []any{"monday", "tuesday", "wednesday", "thursday", "friday"},
			"startTime":  "09:00:00.0000000",
			"endTime":    "17:00:00.0000000",
			"timeZone":   Doc{"name": o.zone},
		},
	}
}

// companyName is made of the domain's first part.
func companyName(domain string) string {
	name, _, _ := strings.Cut(domain, ".")
	if name == "" {
		return domain
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
