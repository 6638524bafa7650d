// Package judge says what a plan of permissions comes to: what each permission is
// and opens, how dangerous it is and by which rule, which of them the plan's flows
// need, what is missing, contradicts itself or follows in law, and whether to accept
// it. It promises the same answer for the same plan and catalogue, a rule and a
// reason with every class, and to say what it inferred.
package judge

import "github.com/graphwarden/graphwarden/assess/plan"

// Class is how dangerous a permission is.
type Class string

// The classes, the worst first.
const (
	Critical Class = "critical"
	High     Class = "high"
	Medium   Class = "medium"
	Low      Class = "low"
)

// Rank orders classes: the worst is the highest.
func (c Class) Rank() int {
	switch c {
	case Critical:
		return 4
	case High:
		return 3
	case Medium:
		return 2
	case Low:
		return 1
	}
	return 0
}

// Less is the class below, never under low.
func (c Class) Less() Class {
	switch c {
	case Critical:
		return High
	case High:
		return Medium
	}
	return Low
}

// Verdict is what a gate does with a plan.
type Verdict string

// The verdicts.
const (
	Refuse Verdict = "refuse"
	Change Verdict = "change"
	Accept Verdict = "accept"
)

// Assessment is the answer to one plan.
type Assessment struct {
	Document    string          `json:"document"`
	Format      string          `json:"format"`
	Lines       int             `json:"lines"`
	Scheme      SchemeTaken     `json:"scheme"`
	Permissions []Permission    `json:"permissions"`
	Unplaced    []plan.Unplaced `json:"unplaced"`
	Flows       []Flow          `json:"flows"`
	Missing     []Missing       `json:"missing"`
	LeastSet    []Member        `json:"least_set"`
	LeastExact  bool            `json:"least_set_exact"` // proven, not only the best that was found in time
	Findings    []Finding       `json:"findings"`
	Roles       []Advice        `json:"roles"`
	Licences    []Advice        `json:"licences"`
	Outside     []Advice        `json:"outside_entra"`
	// Alternatives are other ways than the least set's, Questions what only the
	// author can answer, Registrations those that the plan keeps apart.
	Alternatives  []Way          `json:"alternatives"`
	Questions     []Question     `json:"open_questions"`
	Registrations []Registration `json:"registrations"`
	Effects       []Consequence  `json:"consequences"`
	Verdict       Conclusion     `json:"verdict"`
}

// SchemeTaken is on whose behalf the plan's permissions are judged.
type SchemeTaken struct {
	Stated bool        `json:"stated"`
	Taken  plan.Scheme `json:"taken"`
	Why    string      `json:"why"`
}

// Permission is one permission of the plan, judged.
type Permission struct {
	Lines         []int           `json:"lines"`
	Written       string          `json:"written"`
	Name          string          `json:"name"`
	Family        []Relative      `json:"family,omitempty"`
	Scheme        plan.Scheme     `json:"scheme"`
	SchemeFrom    string          `json:"scheme_from"`
	Resource      string          `json:"resource"`
	ID            string          `json:"id,omitempty"`
	Level         int             `json:"level,omitempty"`
	AdminConsent  *bool           `json:"admin_consent"`
	FoundBy       plan.Found      `json:"found_by"`
	Confidence    plan.Confidence `json:"confidence"`
	Status        plan.Status     `json:"status"`
	Opens         Opening         `json:"opens"`
	Class         Class           `json:"class"`
	Rule          string          `json:"rule"`
	Why           string          `json:"why"`
	OtherScheme   *Other          `json:"other_scheme,omitempty"`
	OwnClass      *OwnClass       `json:"own_class,omitempty"`
	RedundantWith []string        `json:"redundant_with,omitempty"`
	TooWide       *TooWide        `json:"too_wide,omitempty"`
	Unneeded      string          `json:"unneeded,omitempty"`
	Keep          bool            `json:"keep"`
	Disagreements []Disagreement  `json:"disagreements,omitempty"`

	flows  []string // that it serves
	claims []string // that it is said to be for, though it opens nothing of them
	use    string
	row    *plan.Row
}

// Relative is a permission that fits a pattern.
type Relative struct {
	Name  string `json:"name"`
	ID    string `json:"id,omitempty"`
	Class Class  `json:"class"`
	Rule  string `json:"rule"`
}

// Opening is how much a permission opens by Microsoft's table.
type Opening struct {
	Operations int      `json:"operations"`
	Writes     int      `json:"writes"`
	Some       []string `json:"some,omitempty"` // the first of them
}

// Other is the class in the scheme that a plan without a stated scheme does not
// exclude.
type Other struct {
	Scheme plan.Scheme `json:"scheme"`
	Exists bool        `json:"exists"`
	Class  Class       `json:"class,omitempty"`
	Rule   string      `json:"rule,omitempty"`
}

// OwnClass is the class that the plan itself gives a permission, and how it compares
// with that of the rules: same, document too mild, document too strict.
type OwnClass struct {
	Document Class  `json:"document"`
	Compared string `json:"compared"`
	// Other is how it compares in the scheme that the plan does not exclude.
	Other string `json:"other,omitempty"`
}

// TooWide says which flow a permission is too wide for, and what is enough.
type TooWide struct {
	ForFlow  string   `json:"for_flow"`
	Narrower []string `json:"narrower"`
	Why      string   `json:"why"`
}

// Disagreement is a contradiction between what a row says of one permission.
type Disagreement struct {
	Between []string `json:"between"`
	Kind    string   `json:"kind"`
	Why     string   `json:"why"`
}

// Flow is something that the plan says the system does.
type Flow struct {
	ID         string   `json:"id"`
	Lines      []int    `json:"lines"`
	What       string   `json:"what"`
	Operations []string `json:"operations"`
	Needs      []string `json:"needs"`

	topic  string // the kind of flow; two schemes of one kind are two flows
	scheme plan.Scheme
	others bool     // mailboxes of others than whoever signed in
	bodies bool     // of messages, not their outlines alone
	keep   []string // permissions that it needs and no operation shows
}

// Missing is a permission that a flow needs and the plan does not ask for.
type Missing struct {
	Name   string      `json:"name"`
	Scheme plan.Scheme `json:"scheme"`
	ID     string      `json:"id,omitempty"`
	Flow   string      `json:"flow"`
	Lines  []int       `json:"lines"`
	Why    string      `json:"why"`
}

// Member is a permission of the least set.
type Member struct {
	Name         string      `json:"name"`
	Scheme       plan.Scheme `json:"scheme"`
	Resource     string      `json:"resource"`
	ID           string      `json:"id,omitempty"`
	Level        int         `json:"level,omitempty"`
	AdminConsent *bool       `json:"admin_consent"`
	Class        Class       `json:"class"`
	Rule         string      `json:"rule"`
	Flows        []string    `json:"flows"`
	Missing      bool        `json:"missing_in_document"`
	// Why it is in the set, and what no other member opens of what the flows do.
	Why   string   `json:"why"`
	Opens []string `json:"opens,omitempty"`
	// Alternatives would serve in its place.
	Alternatives []Alternative `json:"alternatives,omitempty"`
}

// Severity is how much a finding matters; good is what is well done.
type Severity string

// The severities beside those that are called as classes are.
const (
	Note Severity = "note"
	Good Severity = "good"
)

// Rank orders severities: the worst is the highest; notes and praise are nothing.
func (s Severity) Rank() int { return Class(s).Rank() }

// Finding is something that the plan's lines show.
type Finding struct {
	Lines    []int    `json:"lines"`
	Kind     string   `json:"kind"`
	Severity Severity `json:"severity"`
	Why      string   `json:"why"`
	Instead  string   `json:"instead,omitempty"`
	// About is the permission that it is about; empty for the text.
	About string `json:"about,omitempty"`
	// Quotes are the plan's own words on the first of the lines.
	Quotes []Quote `json:"quotes,omitempty"`
}

// Advice is a role, a licence or a way to narrow, and why.
type Advice struct {
	What string `json:"what"`
	Why  string `json:"why"`
}

// Consequence is what a law, a control or a benchmark makes of the plan.
type Consequence struct {
	Law    string `json:"law"`
	Clause string `json:"clause"`
	Why    string `json:"why"`
}

// Conclusion is the verdict and the classes behind it.
type Conclusion struct {
	Class        Class   `json:"class"`
	Verdict      Verdict `json:"verdict"`
	ClassOfLeast Class   `json:"class_of_least_set"`
	// WhenScoped is the class of the least set once Exchange roles with a scope
	// stand in place of consent (N2); empty where nothing can be scoped so.
	WhenScoped Class  `json:"class_when_scoped,omitempty"`
	Why        string `json:"why"`
}
