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

// afterTag gives what follows a tag whose "<" is already read; of a comment, a
// style or a script, what follows its end.
func afterTag(tag string) string {
	end := ">"
	switch {
	case strings.HasPrefix(tag, "!--"):
		end = "-->"
	case hasName(tag, "style"):
		end = "</style>"
	case hasName(tag, "script"):
		end = "</script>"
	case hasName(tag, "title"):
		end = "</title>"
	}
	at := strings.Index(strings.ToLower(tag), end)
	if at < 0 {
		return ""
	}
	return tag[at+len(end):]
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
	return strings.Contains(strings.ToLower(content), "<"+name)
}

// spaced turns the line breaks of HTML source into blanks.
func spaced(r rune) rune {
	if r == '\n' || r == '\r' || r == '\t' {
		return ' '
	}
	return r
}
