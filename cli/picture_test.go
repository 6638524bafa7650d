package cli_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// picture is the README's: what the demo says, as a terminal shows it.
const picture = "../docs/demo.svg"

// pictured holds the README's picture against what a demo said: the same chapters, and in
// each the same was done and went wrong, whatever the numbers are. -update draws it anew.
func pictured(t *testing.T, story string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(picture, drawn(story), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	shown, err := os.ReadFile(picture)
	if err != nil {
		t.Fatal(err)
	}
	var lines struct {
		Text []struct {
			Spans []string `xml:"tspan"`
		} `xml:"text"`
	}
	if err := xml.Unmarshal(shown, &lines); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, line := range lines.Text {
		fmt.Fprintln(&text, strings.Join(line.Spans, ""))
	}
	if want, has := gist(story), gist(text.String()); len(want) < 20 || !slices.Equal(want, has) {
		t.Errorf("the demo says\n%s\nand %s shows\n%s\ngo test ./cli -run TheDemoTellsItsStory -update draws it anew",
			strings.Join(want, "\n"), picture, strings.Join(has, "\n"))
	}
}

// gist are a story's chapters and what was done and went wrong in them, without what is
// different each time: people, numbers, times and ids.
func gist(story string) (out []string) {
	different := regexp.MustCompile(`\S+@contoso\.example|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]+(\.[0-9]+)*(m?s|µs|m[0-9]+s)?`)
	for line := range strings.Lines(story) {
		for _, sign := range []string{"━━ ", " ✓ ", " ! "} {
			if strings.HasPrefix(line, sign) {
				out = append(out, different.ReplaceAllString(strings.TrimSpace(line), "#"))
			}
		}
	}
	return out
}

// drawn draws what a terminal shows of a story.
func drawn(story string) []byte {
	const high, wide, top = 19, 8.13, 54 // of a line, of a letter, and where the first line stands
	lines := strings.Split(strings.TrimRight(story, "\n"), "\n")
	longest := 0
	for _, line := range lines {
		longest = max(longest, utf8.RuneCountInString(line))
	}
	width, height := int(float64(longest)*wide)+36, top+high*len(lines)
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="13.5">
<rect width="%[1]d" height="%[2]d" rx="10" fill="#16181d"/><circle cx="22" cy="20" r="6" fill="#ff5f57"/><circle cx="42" cy="20" r="6" fill="#febc2e"/><circle cx="62" cy="20" r="6" fill="#28c840"/><text x="90" y="24" fill="#8a8f98">$ graphwarden demo --once</text>
`, width, height)
	for i, line := range lines {
		if line != "" {
			fmt.Fprintf(&b, "<text x=\"18\" y=\"%d\" fill=\"#e6e8eb\" xml:space=\"preserve\">%s</text>\n", top+high*i, painted(line))
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// painted is a line with the colours of a terminal.
func painted(line string) string {
	span := func(text, how string) string {
		var b strings.Builder
		_ = xml.EscapeText(&b, []byte(text)) // a strings.Builder takes all
		return "<tspan" + how + ">" + b.String() + "</tspan>"
	}
	for sign, colour := range map[string]string{"━━ ": "#3aa0ff", " ✓ ": "#2fb170", " ! ": "#ff9d3b"} {
		if rest, is := strings.CutPrefix(line, sign); is {
			how := ""
			if sign == "━━ " {
				how = ` font-weight="bold"`
			}
			return span(sign, ` fill="`+colour+`"`) + span(rest, how)
		}
	}
	if came := regexp.MustCompile(`^( +)(→)(.{45})(.*after the change)$`).FindStringSubmatch(line); came != nil {
		return span(came[1], "") + span(came[2], ` fill="#3aa0ff"`) + span(came[3], "") + span(came[4], ` fill="#8a8f98"`)
	}
	if name, rest, is := strings.Cut(line, " — "); is && !strings.HasPrefix(line, " ") {
		return span(name, ` font-weight="bold"`) + span(" — "+rest, "")
	}
	return span(line, "")
}
