package tongue_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/tongue"
)

// TestWordsAreExpressions that stand behind English ones, and match nothing of nothing.
func TestWordsAreExpressions(t *testing.T) {
	for topic, said := range map[string][]string{
		"changing":            {"aktualisiert", "opretter", "synkroniserer", "uppdaterar", "wijzigt", "modifie", "actualiza"},
		"unencrypted":         {"unverschlüsselt", "ukrypteret", "okrypterad", "onversleuteld", "non chiffré", "sin cifrar"},
		"forever":             {"für immer gespeichert", "slettes aldrig", "slettes aldri", "för alltid", "voor altijd", "indéfiniment", "para siempre"},
		"sharing":             {"freigegebene kalender", "delte kalendre", "delade kalendrar", "gedeelde agenda", "calendriers partagés", "calendario compartido"},
		"administrator roles": {"globaler administrator", "global administratör", "globale beheerder", "administrateur général", "administrador global"},
	} {
		words := tongue.Also(topic)
		if !strings.HasPrefix(words, "|") {
			t.Errorf("%s: %q does not begin with a bar", topic, words)
		}
		e := regexp.MustCompile("(?i)" + words[1:])
		if i := slices.IndexFunc(said, func(s string) bool { return !e.MatchString(s) }); i >= 0 {
			t.Errorf("%s: %q is not understood", topic, said[i])
		}
		if e.MatchString("") || e.MatchString("the of and") {
			t.Errorf("%s is found where nothing is said", topic)
		}
	}
}

func TestAMistypedTopicIsNoSilence(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a topic that nobody knows has words")
		}
	}()
	tongue.Also("encrpytion")
}
