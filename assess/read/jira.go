package read

import (
	"regexp"
	"strings"
	"sync"
)

// wiki is the markup of Jira and Confluence.
type wiki struct{ heading, struck, fence *regexp.Regexp }

var jira = sync.OnceValue(func() wiki {
	return wiki{
		heading: regexp.MustCompile(`^h([1-6])\.\s+(.*)$`),
		struck:  regexp.MustCompile(`(^|[\s|(])-(\{\{[^}\n]+\}\}|[A-Za-z]+(?:\.[A-Za-z]+)+)-($|[\s|,.;)])`),
		fence:   regexp.MustCompile(`^\{(?:code|noformat)(?::[^}]*)?\}$`),
	}
})

// plainWiki writes a line of that markup in Markdown: headings of a table between two
// bars, what is struck out between two dashes, code in two braces.
func plainWiki(s string) string {
	switch {
	case strings.HasPrefix(s, "||"):
		return strings.ReplaceAll(s, "||", "|")
	case jira().fence.MatchString(s):
		return "```"
	}
	if m := jira().heading.FindStringSubmatch(s); m != nil {
		return strings.Repeat("#", int(m[1][0]-'0')) + " " + m[2]
	}
	if strings.Contains(s, "-") {
		s = jira().struck.ReplaceAllString(s, "$1~~$2~~$3")
	}
	if strings.Contains(s, "{{") && strings.Contains(s, "}}") {
		s = strings.NewReplacer("{{", "`", "}}", "`").Replace(s)
	}
	return s
}
