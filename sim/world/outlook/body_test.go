package outlook_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

func TestBodiesInBothKinds(t *testing.T) {
	for name, c := range map[string]struct {
		body outlook.Body
		text string
		page string // a part of it
	}{
		"nothing":           {outlook.Body{}, "", ""},
		"text":              {outlook.Body{Content: "1 < 2\nand & so"}, "1 < 2\nand & so", "1 &lt; 2<br>\r\nand &amp; so"},
		"a fragment":        {outlook.Body{HTML: true, Content: "<p>Hello</p><p>World</p>"}, "Hello\r\nWorld", "<body>\r\n<p>Hello</p><p>World</p>\r\n</body>"},
		"a page":            {outlook.Body{HTML: true, Content: "<HTML><body>Hi</body></HTML>"}, "Hi", "<HTML><body>Hi</body></HTML>"},
		"what is not shown": {outlook.Body{HTML: true, Content: "<style>p{}</style><!-- a > b --><script>x<y</script><title>t</title>Hi"}, "Hi", "Hi"},
		"entities":          {outlook.Body{HTML: true, Content: "caf&eacute; &lt;b&gt;"}, "café <b>", "caf&eacute;"},
		"an open tag":       {outlook.Body{HTML: true, Content: "Hi<br"}, "Hi", "Hi<br"},
		"a broken comment":  {outlook.Body{HTML: true, Content: "Hi<!-- there"}, "Hi", "Hi"},
	} {
		if got := c.body.Text(); got != c.text {
			t.Errorf("%s: the text is %q, want %q", name, got, c.text)
		}
		if got := c.body.Page(); !strings.Contains(got, c.page) {
			t.Errorf("%s: the page is %q, want %q in it", name, got, c.page)
		}
	}
	long := outlook.Body{Content: strings.Repeat("é", 300)}
	if got := []rune(long.Preview()); len(got) != 255 {
		t.Errorf("a preview has %d characters", len(got))
	}
	if d := long.Doc(true); d["contentType"] != "text" {
		t.Errorf("asked for as text it is %v", d["contentType"])
	}
}

func FuzzBodyText(f *testing.F) {
	f.Add("<p>a</p><style>b</style>&amp;<!-- c")
	f.Add("0000000<0000\xe5>")
	f.Fuzz(func(t *testing.T, content string) {
		b := outlook.Body{HTML: true, Content: content}
		if text := b.Text(); utf8.ValidString(content) && len(text) > len(content)+2*strings.Count(content, "<") {
			t.Errorf("%q reads as %q, which is longer", content, text)
		}
		b.Preview()
	})
}

func TestALongBodyIsReadInReasonableTime(t *testing.T) {
	body := outlook.Body{HTML: true, Content: strings.Repeat("<b>x</b><style>", 100_000)}
	began := time.Now()
	body.Text()
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}

func TestPlaces(t *testing.T) {
	read := func(d doc) outlook.Location {
		l, err := outlook.ReadLocation("location", d)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	attic := read(doc{"displayName": "Attic", "locationType": "ConferenceRoom", "locationEmailAddress": "attic@contoso.example",
		"address": doc{"city": "Berlin"}, "coordinates": doc{"latitude": 52.5}})
	if d := attic.Doc(); d["locationType"] != "conferenceRoom" || d["uniqueId"] != "Attic" || d["locationEmailAddress"] == nil || d["address"] == nil || d["coordinates"] == nil {
		t.Errorf("a place is written %v", d)
	}
	both := []outlook.Location{attic, read(doc{"displayName": "Cellar"})}
	if d := outlook.Place(both); d["displayName"] != "Attic; Cellar" || len(outlook.LocationDocs(both)) != 2 {
		t.Errorf("two places are written %v", d)
	}
	if d := outlook.Place(nil); d["displayName"] != "" || d["uniqueIdType"] != "unknown" {
		t.Errorf("no place is written %v", d)
	}
	for _, bad := range []any{"Attic", doc{"locationType": "moon"}} {
		if _, err := outlook.ReadLocation("location", bad); code(err) != "ErrorPropertyValidationFailure" {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestExtendedProperties(t *testing.T) {
	const color, number = "String {66f5a359-4659-4830-9070-00040ec6ac6e} Name Color", "Integer {66F5A359-4659-4830-9070-00040EC6AC6E} Id 0x8233"
	all, err := outlook.ReadExtended(nil, "singleValueExtendedProperties", []any{doc{"id": color, "value": "red"}, doc{"id": number, "value": "1"}}, false)
	if err != nil {
		t.Fatal(err)
	}
	all, err = outlook.ReadExtended(all, "x", []any{doc{"id": strings.ToLower(number), "value": "2"}, doc{"id": color + "s", "value": "blue"}}, false)
	if err != nil || len(all) != 3 || all[1].Value != "2" {
		t.Errorf("after another value there are %v, %v", all, err)
	}
	all, err = outlook.ReadExtended(all, "multi", []any{doc{"id": "StringArray 0x1234", "value": []any{"a", "b"}}}, true)
	if err != nil || len(outlook.ExtendedDocs(all, true)) != 1 || len(outlook.ExtendedDocs(all, false)) != 3 {
		t.Errorf("with several values: %v, %v", all, err)
	}
	for name, bad := range map[string]any{
		"no collection": "x", "no id": []any{doc{"value": "1"}}, "no namespace": []any{doc{"id": "String Name Color", "value": "1"}},
		"a number": []any{doc{"id": color, "value": 1.0}},
	} {
		if _, err := outlook.ReadExtended(nil, "x", bad, false); code(err) == "" {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestAttachmentsThatAreTaken(t *testing.T) {
	for name, c := range map[string]struct {
		body doc
		code string
	}{
		"a file":             {doc{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a", "contentBytes": "aGk=", "isInline": true, "contentId": "x"}, ""},
		"an item":            {doc{"@odata.type": "#microsoft.graph.itemAttachment", "name": "a", "item": doc{"subject": "x"}}, ""},
		"a link":             {doc{"@odata.type": "#microsoft.graph.referenceAttachment", "name": "a"}, ""},
		"no type":            {doc{"name": "a"}, "ErrorPropertyValidationFailure"},
		"no name":            {doc{"@odata.type": "#microsoft.graph.fileAttachment", "contentBytes": "aGk="}, "ErrorPropertyValidationFailure"},
		"no base64":          {doc{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a", "contentBytes": "?"}, "ErrorPropertyValidationFailure"},
		"an item of nothing": {doc{"@odata.type": "#microsoft.graph.itemAttachment", "name": "a"}, "ErrorPropertyValidationFailure"},
		"more than 3 MB":     {doc{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a", "contentBytes": strings.Repeat("AAAA", 1<<20+1)}, "ErrorAttachmentSizeLimitExceeded"},
	} {
		a, err := outlook.ReadAttachment(c.body)
		if code(err) != c.code {
			t.Errorf("%s: %v, want %q", name, err, c.code)
		}
		if d := a.Doc("id", true); c.code == "" && (d["name"] != "a" || d["@odata.type"] != c.body["@odata.type"]) {
			t.Errorf("%s is written %v", name, d)
		}
	}
}

func TestValues(t *testing.T) {
	if _, err := outlook.Whole("n", 1.5); code(err) == "" {
		t.Error("a fraction is whole")
	}
	if _, err := outlook.Whole("n", -1.0); code(err) == "" {
		t.Error("a negative number is taken")
	}
	if _, err := outlook.Flag("f", "true"); code(err) == "" {
		t.Error("text is a flag")
	}
	if _, err := outlook.Texts("t", []any{1.0}); code(err) == "" {
		t.Error("a number is text")
	}
	if s, err := outlook.Enum("e", "HIGH", "low", "high"); s != "high" || err != nil {
		t.Errorf("HIGH is %q, %v", s, err)
	}
	if s, err := outlook.Enum("e", nil, "low", "high"); s != "low" || err != nil {
		t.Errorf("null is %q, %v", s, err)
	}
}
