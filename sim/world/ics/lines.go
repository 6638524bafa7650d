package ics

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// property is one content line (RFC 5545 §3.1).
type property struct {
	name   string // upper case
	params map[string][]string
	value  string
	line   int
}

// param returns a parameter's first value, or "".
func (p property) param(name string) string {
	if values := p.params[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// component is what stands between BEGIN and END.
type component struct {
	name       string
	line       int
	properties []property
	children   []*component
}

// first returns the first property of a name.
func (c *component) first(name string) (property, bool) {
	for _, p := range c.properties {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

// text returns the unescaped text of the first property of a name, or "".
func (c *component) text(name string) string {
	p, _ := c.first(name)
	return unescape(p.value)
}

// all yields the properties of a name.
func (c *component) all(name string) []property {
	var found []property
	for _, p := range c.properties {
		if p.name == name {
			found = append(found, p)
		}
	}
	return found
}

// maxLine and maxDepth bound what a stranger's file may make us hold.
const (
	maxLine  = 1 << 20
	maxDepth = 16
)

// readTree reads content lines into components. Blank lines, lines that are
// none, and ENDs that do not match are passed over with a finding: real
// calendars have them.
func readTree(r io.Reader, found *findings) (*component, error) {
	root := &component{name: "", line: 1}
	open := []*component{root}
	err := unfold(r, func(text string, line int) {
		if strings.TrimSpace(text) == "" {
			found.add(Adapted, line, "", "a blank line, which iCalendar does not allow, was passed over")
			return
		}
		p, ok := parseLine(text, line)
		if !ok {
			found.add(Lost, line, "", "%q is not a content line (NAME:value)", shorten(text))
			return
		}
		top := open[len(open)-1]
		switch p.name {
		case "BEGIN":
			if len(open) > maxDepth {
				found.lost(p, "components nested deeper than %d", maxDepth)
				return
			}
			child := &component{name: strings.ToUpper(strings.TrimSpace(p.value)), line: line}
			top.children = append(top.children, child)
			open = append(open, child)
		case "END":
			open = closeComponent(open, p, found)
		default:
			top.properties = append(top.properties, p)
		}
	})
	for _, c := range open[1:] {
		found.add(Adapted, c.line, c.name, "the file ends inside it; what was read is kept")
	}
	return root, err
}

// closeComponent closes the innermost component of the name in END, with all
// that was left open inside.
func closeComponent(open []*component, end property, found *findings) []*component {
	name := strings.ToUpper(strings.TrimSpace(end.value))
	for i := len(open) - 1; i > 0; i-- {
		if open[i].name == name {
			if i < len(open)-1 {
				found.adapted(end, "%s closes while %s is still open", name, open[len(open)-1].name)
			}
			return open[:i]
		}
	}
	found.lost(end, "%s was never opened", name)
	return open
}

// unfold joins continued lines (RFC 5545 §3.1) and hands each on with the
// number of its first line.
func unfold(r io.Reader, each func(text string, line int)) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxLine)
	var text strings.Builder
	started, first, n := false, 0, 0
	for lines.Scan() {
		n++
		raw := strings.TrimSuffix(lines.Text(), "\r")
		if n == 1 {
			raw = strings.TrimPrefix(raw, "\ufeff")
		}
		if started && len(raw) > 0 && (raw[0] == ' ' || raw[0] == '\t') && text.Len()+len(raw) < maxLine {
			text.WriteString(raw[1:])
			continue
		}
		if started {
			each(text.String(), first)
		}
		text.Reset()
		text.WriteString(raw)
		started, first = true, n
	}
	if started {
		each(text.String(), first)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading line %d: %w", n+1, err)
	}
	return nil
}

// parseLine cuts a content line into name, parameters and value.
func parseLine(text string, line int) (property, bool) {
	end := strings.IndexAny(text, ";:")
	if end <= 0 || strings.ContainsAny(text[:end], " \t\"") {
		return property{}, false
	}
	p := property{name: strings.ToUpper(text[:end]), params: map[string][]string{}, line: line}
	for text[end] == ';' {
		text = text[end+1:]
		equals := strings.IndexAny(text, "=;:")
		if equals < 0 || text[equals] != '=' {
			return property{}, false
		}
		name := strings.ToUpper(text[:equals])
		text = text[equals+1:]
		values, length := parseParam(text)
		if length == len(text) {
			return property{}, false
		}
		p.params[name] = append(p.params[name], values...)
		end = length
	}
	p.value = text[end+1:]
	return p, true
}

// parseParam reads the values of a parameter, quoted or not, and returns how
// many bytes they take.
func parseParam(text string) ([]string, int) {
	var values []string
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ',' || c == ';' || c == ':':
			values = append(values, decodeParam(text[start:i]))
			if c != ',' {
				return values, i
			}
			start = i + 1
		}
	}
	return values, len(text)
}

// decodeParam undoes quotes and RFC 6868's carets.
func decodeParam(value string) string {
	return strings.NewReplacer("^n", "\n", "^'", `"`, "^^", "^").Replace(strings.Trim(value, `"`))
}

func shorten(text string) string {
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
