package cli_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheDocumentedPolicyAnswersAsWritten runs each command of docs/policy.md on the
// files that stand there, and wants the text that follows it.
func TestTheDocumentedPolicyAnswersAsWritten(t *testing.T) {
	text := documents(t)["policy.md"]
	t.Chdir(t.TempDir())
	ran, config := 0, ""
	for _, m := range regexp.MustCompile("(?s)```(\\w+)\n(.*?)```(?:\n\n```text\n(.*?)```)?").FindAllStringSubmatch(text, -1) {
		switch language, content, says := m[1], m[2], m[3]; language {
		case "yaml":
			file, text := "graphwarden.yaml", content+config // each block is on top of those before it
			if name, own := strings.CutPrefix(content, "# "); own {
				file, _, _ = strings.Cut(name, "\n")
				text = content
			} else {
				config = text
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		case "cedar":
			if err := os.WriteFile("rules.cedar", []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		case "sh":
			var args []string
			for _, word := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(content, -1) {
				args = append(args, strings.Trim(word, "'"))
			}
			ran++
			if _, out, stderr := run(t, args[1:]...); out != says || stderr != "" {
				t.Errorf("%s says\n%s%s, and is documented to say\n%s", content, out, stderr, says)
			}
		}
	}
	if ran < 4 {
		t.Errorf("only %d commands were run", ran)
	}
}
