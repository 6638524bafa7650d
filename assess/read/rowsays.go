package read

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/speech"
)

// rowScheme is what the columns of type say of a whole row; both, where it is marked
// for either.
func rowScheme(b *block, columns []column) (scheme plan.Scheme, both bool) {
	for i, cell := range b.cells {
		s := strings.TrimSpace(cell.String())
		switch columns[i] {
		case typeColumn:
			if t := typeOf(s); t != plan.Unstated {
				scheme = t
			}
		case delegatedColumn, applicationColumn:
			switch {
			case !marked(strings.ToLower(s)):
			case scheme != plan.Unstated:
				scheme, both = plan.Delegated, true
			case columns[i] == applicationColumn:
				scheme = plan.Application
			default:
				scheme = plan.Delegated
			}
		case other:
			if scheme == plan.Unstated && len(s) < 40 && !strings.Contains(s, ".") {
				scheme = typeOf(s)
			}
		}
	}
	return scheme, both
}

// headScheme is the scheme that the heading of a column of names gives all of them.
func headScheme(head string) plan.Scheme {
	if s := schemeOf(head); s != plan.Unstated {
		return s
	}
	if _, inside, ok := strings.Cut(head, "("); ok {
		return typeOf(inside)
	}
	return plan.Unstated
}

// verdicts are the words of a decision: one that refuses, one that leaves a choice.
type verdicts struct{ refused, choice, no *find.Pattern }

var decided = sync.OnceValue(func() verdicts {
	return verdicts{
		refused: find.Lower(`^\W*(?:rejected|refused|declined|denied|removed|revoked|abgelehnt|entfernt|widerrufen|refusé|retiré|supprimé|rechazad|eliminad|geweigerd|afgewezen|verwijderd|afvist|fjernet|avvisad|borttagen|avvist|rifiutat|recusad|removid|odrzucon|usunięt|却下|\(x\)|✗|✘|❌)`),
		choice:  find.Lower(`^\W*(?:opt|facult|valg|valfri|opcional|opcjonal|任意|اختياري|add-on|only |nur |kun |endast |alleen |solo |só |tylko )`),
		no:      find.Lower(`^\W*(?:no|nein|non|nej|nee|nei|não|nie|not .*|remov.*|いいえ|不要|لا)\W*$`),
	}
})

// rowStatus is what the columns of need and decision say of a whole row, and what the
// row itself is: a line in a list of changes tells history. A no of which no heading says to
// what it is the answer leaves doubt.
func rowStatus(b *block, columns []column) (status plan.Status, doubtful bool) {
	status = plan.Asked
	for i, cell := range b.cells {
		l := strings.ToLower(strings.TrimSpace(cell.String()))
		if l == "" {
			continue
		}
		refused, unsure := refuses(b, columns, i, l)
		doubtful = doubtful || unsure
		switch c := columns[i]; {
		case refused:
			return plan.Negated, false
		case c == consentColumn && !decided().refused.MatchString(l), c == nameColumn, c == titleColumn:
		case c != useColumn && c != descriptionColumn && len(l) < 60 && decided().refused.MatchString(l):
			return plan.Negated, false
		case c != typeColumn && bracketedChoice(l), c != other && c != typeColumn && decided().choice.MatchString(l):
			status = plan.Alternative
		case c == requiredColumn && decided().no.MatchString(l):
			status = plan.Alternative
		case c == neededColumn && decided().no.MatchString(l):
			if i < len(b.head) && signs().optional.MatchString(strings.ToLower(b.head[i])) {
				continue // it is not optional
			}
			return plan.Negated, false
		case c == versionColumn && status == plan.Asked && i == 0 && !slices.Contains(columns, nameColumn):
			status = plan.Example
		}
	}
	return status, doubtful
}

// refuses says whether a cell, in lower case, says that the row's permission is not asked
// for: with a no in the column of its use, or in one whose heading asks whether it is used,
// or in words that deny that it is asked for. Other denials leave it unsure.
func refuses(b *block, columns []column, i int, l string) (refused, unsure bool) {
	switch c := columns[i]; {
	case c == nameColumn, c == typeColumn, c == titleColumn, c == consentColumn, c == requiredColumn, c == versionColumn:
		return false, false
	case decided().no.MatchString(l):
		refused = c == useColumn || i < len(b.head) && asksWhether(b.head[i])
		return refused, !refused && i > 0 && len(b.head) == 0
	case c == useColumn, c == descriptionColumn, c == other, c == neededColumn:
		refused = len(l) < 60 && speech.Asking("", " "+l) == speech.DeniesAsking
		return refused, !refused && len(l) < 60 && speech.DeniedBehind(" "+l)
	}
	return false, false
}

var whether = sync.OnceValue(func() *find.Pattern {
	return find.Lower(`^\W*(?:is it |still )?(?:used|in use|requested|asked(?: for)?|granted|enabled|active|needed|benötigt|gebraucht|verwendet|genutzt|angefordert|erteilt|aktiv|nötig|utilisée?|demandée?|accordée?|activée?|usad[oa]|utilizad[oa]|solicitad[oa]|concedid[oa]|activ[oa]|bruges|anvendes|anmodet|används|behövs|begärd|brukes|trengs|gebruikt|nodig|gevraagd|usato|richiesto|używane|potrzebne)\W*$`)
})

// asksWhether says whether a column's heading asks if a permission is asked for at all.
func asksWhether(head string) bool { l := strings.ToLower(head); return whether().In(l, l) }

// bracketedChoice says whether a cell says in brackets that there is a choice.
func bracketedChoice(cell string) bool {
	_, inside, ok := strings.Cut(cell, "(")
	return ok && decided().choice.MatchString(inside)
}

var number = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\d+(?:\.\d+)?`) })

// former says whether a cell's column tells of what was before: by its heading, or
// because another column of names is that of a later version.
func (p place) former() bool {
	head := strings.ToLower(p.head())
	for _, old := range []string{"old", "legacy", "before", "previous", "retired", "bisher", "alt", "ancien", "antes", "oud", "gammel", "tidigare", "vecchi", "antig", "stare"} {
		if strings.HasPrefix(head, old) && len(p.row.head) > 1 {
			return true
		}
	}
	mine := number().FindString(head)
	for i, other := range p.row.head {
		other = strings.ToLower(other)
		theirs := number().FindString(other)
		if i <= p.at || mine == "" || theirs == "" || before(head, mine) != before(other, theirs) {
			continue
		}
		return len(mine) < len(theirs) || len(mine) == len(theirs) && mine < theirs
	}
	return false
}

func before(s, mark string) string {
	s, _, _ = strings.Cut(s, mark)
	return s
}
