package outlook

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Body is what an event says.
type Body struct {
	HTML    bool   `json:"html,omitempty"`
	Content string `json:"content,omitempty"`
}

// previewLength is how many characters bodyPreview holds (Microsoft Graph,
// message resource: the first 255).
const previewLength = 255

// Doc writes the body as itemBody: HTML unless the client asks for text
// (documentation of List events, outlook.body-content-type).
func (b Body) Doc(asText bool) Doc {
	if asText {
		return Doc{"contentType": "text", "content": b.Text()}
	}
	return Doc{"contentType": "html", "content": b.Page()}
}

// Page is the body as a whole page of HTML, which Exchange makes of fragments
// and of text.
func (b Body) Page() string {
	content := b.Content
	switch {
	case content == "":
		return ""
	case !b.HTML:
		content = strings.ReplaceAll(html.EscapeString(content), "\r\n", "\n")
		content = `<div class="PlainText">` + strings.ReplaceAll(content, "\n", "<br>\r\n") + "</div>"
	case hasTag(content, "html"):
		return content
	}
	return "<html>\r\n<head>\r\n<meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\">\r\n</head>\r\n<body>\r\n" +
		content + "\r\n</body>\r\n</html>\r\n"
}

// Text is the body without its mark-up.
func (b Body) Text() string {
	if !b.HTML {
		return b.Content
	}
	var out strings.Builder
	rest := b.Content
	for rest != "" {
		before, tag, found := strings.Cut(rest, "<")
		out.WriteString(html.UnescapeString(strings.Map(spaced, before)))
		if !found {
			break
		}
		rest = afterTag(tag)
		if breaksLine(tag) {
			out.WriteString("\r\n")
		}
	}
	return strings.TrimSpace(out.String())
}

// Preview is the text's beginning.
func (b Body) Preview() string {
	text := b.Text()
	if utf8.RuneCountInString(text) <= previewLength {
		return text
	}
	return string([]rune(text)[:previewLength])
}

// afterTag gives what follows a tag whose "<" is already read; of a comment, and
// of an element whose text is not shown, what follows its end.
func afterTag(tag string) string {
	if comment, ok := strings.CutPrefix(tag, "!--"); ok {
		return after(comment, "-->")
	}
	for _, name := range []string{"style", "script", "title"} {
		if !hasName(tag, name) {
			continue
		}
		for tag != "" {
			if tag = after(tag, "</"); hasName(tag, name) {
				break
			}
		}
	}
	return after(tag, ">")
}

// after gives what follows the first sep, nothing without one.
func after(s, sep string) string {
	_, rest, _ := strings.Cut(s, sep)
	return rest
}

// breaksLine says whether a tag begins or ends a line of text.
func breaksLine(tag string) bool {
	for _, name := range []string{"br", "/p", "/div", "/tr", "/li", "/h1", "/h2", "/h3"} {
		if hasName(tag, name) {
			return true
		}
	}
	return false
}

// hasName says whether a tag, its "<" already read, has this name.
func hasName(tag, name string) bool {
	if len(tag) < len(name) || !strings.EqualFold(tag[:len(name)], name) {
		return false
	}
	return len(tag) == len(name) || !unicode.IsLetter(rune(tag[len(name)])) && !unicode.IsDigit(rune(tag[len(name)]))
}

func hasTag(content, name string) bool {
	return strings.Contains(lower(content), "<"+name)
}

// lower puts ASCII letters in lower case and leaves every byte in its place, so
// that what is found in the one is found in the other.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// spaced turns the line breaks of HTML source into blanks.
func spaced(r rune) rune {
	if r == '\n' || r == '\r' || r == '\t' {
		return ' '
	}
	return r
}
