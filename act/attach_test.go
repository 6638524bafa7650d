package act_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// bytesOf are bytes that no compression and no repetition makes equal by chance.
func bytesOf(size int) []byte {
	out := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{byte(size)}).Read(out)
	return out
}

// handIn has the app hand in a file, which must be taken.
func (p postOffice) handIn(content []byte) graphwarden.Upload {
	p.t.Helper()
	u, err := p.Upload(p.t.Context(), p.to(""), int64(len(content)), bytes.NewReader(content))
	if err != nil {
		p.t.Fatal(err)
	}
	if u.Digest != sha256.Sum256(content) || u.Size != int64(len(content)) || !u.Whole {
		p.t.Fatalf("of %d bytes was taken in %+v", len(content), u)
	}
	return u
}

// with sends a message that takes along uploads by their names.
func (p postOffice) with(key, subject string, files ...graphwarden.Attached) (graphwarden.Intent, error) {
	p.t.Helper()
	return p.Send(p.t.Context(), act.Send{Target: p.to(key), Message: p.letter(subject), Files: files})
}

// arrived gives what hangs on the only message of a subject in a folder of a user, by name.
func (p postOffice) arrived(user int, folder, subject string) map[string][]byte {
	p.t.Helper()
	at := fmt.Sprintf("/v1.0/users/%s/mailFolders/%s/messages?$select=id&$filter=%s", p.Ready.Users[user].ID, folder, url.QueryEscape("subject eq '"+subject+"'"))
	list := p.Ask(p.t, http.MethodGet, at, nil)["value"].([]any)
	if len(list) != 1 {
		p.t.Fatalf("%d messages of the subject %q are there", len(list), subject)
	}
	message := fmt.Sprintf("/v1.0/users/%s/messages/%s/attachments", p.Ready.Users[user].ID, list[0].(doc)["id"])
	out := map[string][]byte{}
	for _, one := range p.Ask(p.t, http.MethodGet, message, nil)["value"].([]any) {
		content, err := base64.StdEncoding.DecodeString(one.(doc)["contentBytes"].(string))
		name := one.(doc)["name"].(string)
		if _, twice := out[name]; err != nil || twice {
			p.t.Fatalf("%s: %v, twice %v", name, err, twice)
		}
		out[name] = content
	}
	return out
}

// pieces counts the rows of bytes that are kept of an upload.
func (p postOffice) kept(id string) bool {
	p.t.Helper()
	_, found, err := p.rooms.Store.Upload(p.t.Context(), id)
	piece, readErr := p.rooms.Store.Piece(p.t.Context(), id, 0)
	if err != nil || readErr != nil || found != (len(piece) > 0) {
		p.t.Fatalf("found %v, %d bytes, %v, %v", found, len(piece), err, readErr)
	}
	return found
}

// TestLargeFilesArriveByteForByte compares what the recipient has, and what is left here.
func TestLargeFilesArriveByteForByte(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	const mebi = 1 << 20
	sizes := map[string]int{"ten.bin": 10 * mebi, "odd.bin": 7_654_321, "least.bin": 3 * mebi, "small.bin": 2_900_001, "one.bin": 1}
	var files []graphwarden.Attached
	for name, size := range sizes {
		files = append(files, graphwarden.Attached{Upload: p.handIn(bytesOf(size)).ID, Name: name, ContentType: "application/octet-stream"})
	}
	for range 2 { // the second time it is the same write
		in, err := p.with("k1", "Plans", files...)
		if err != nil || in.Outcome.State != graphwarden.IntentDone {
			t.Fatalf("sending gave %+v, %v", in.Outcome, err)
		}
	}
	if n := p.found(2, "inbox")["Plans"]; n != 1 {
		t.Fatalf("it arrived %d times", n)
	}
	got := p.arrived(2, "inbox", "Plans")
	for name, size := range sizes {
		if !bytes.Equal(got[name], bytesOf(size)) {
			t.Errorf("%s: %d bytes arrived, not the %d that were handed in", name, len(got[name]), size)
		}
	}
	if len(got) != len(sizes) {
		t.Errorf("%d files arrived", len(got))
	}
	for _, f := range files {
		if p.kept(f.Upload) {
			t.Errorf("%s is kept, and its message was sent", f.Name)
		}
	}
	if in, _, err := p.rooms.Store.IntentByKey(t.Context(), "crm", "k1"); err != nil || len(in.Before) != 0 {
		t.Errorf("of the files is kept %s, %v", in.Before, err)
	}
	if _, err := p.with("k2", "Again", files[0]); code(err) != "act.upload_unknown" {
		t.Errorf("an upload that was sent gave %v", err)
	}
	other := files[0]
	other.Name = "another.bin"
	if _, err := p.with("k1", "Plans", append([]graphwarden.Attached{other}, files[1:]...)...); code(err) != "act.key_reused" {
		t.Errorf("the same key for other files gave %v", err)
	}
}

// TestWhatCannotBeAttachedIsRefused before anything is sent.
func TestWhatCannotBeAttachedIsRefused(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	u := p.handIn(bytesOf(10))
	file := func(name string) graphwarden.Attached { return graphwarden.Attached{Upload: u.ID, Name: name} }
	for situation, c := range map[string]struct {
		files []graphwarden.Attached
		code  string
	}{
		"nobody's upload":       {[]graphwarden.Attached{{Upload: "upl_0", Name: "a"}}, "act.upload_unknown"},
		"no upload":             {[]graphwarden.Attached{{Upload: "x", Name: "a"}}, "act.upload_file"},
		"the same upload twice": {[]graphwarden.Attached{file("a"), file("b")}, "act.upload_file"},
		"the same name twice":   {[]graphwarden.Attached{file("a"), {Upload: "upl_1", Name: "A"}}, "act.upload_file"},
		"no name":               {[]graphwarden.Attached{file("")}, "act.upload_file"},
		"a path":                {[]graphwarden.Attached{file("a/b")}, "act.upload_file"},
		"many":                  {make([]graphwarden.Attached, 21), "act.upload_file"},
		"a type of two lines":   {[]graphwarden.Attached{{Upload: u.ID, Name: "a", ContentType: "a\r\nb"}}, "act.upload_file"},
		"an id of two lines":    {[]graphwarden.Attached{{Upload: u.ID, Name: "a", ContentID: "a\r\nb"}}, "act.upload_file"},
	} {
		if _, err := p.with("k", "No", c.files...); code(err) != c.code {
			t.Errorf("%s gave %v", situation, err)
		}
	}
	message := []byte(strings.TrimSuffix(string(p.letter("No")), "}") + `,"attachments":[{"@odata.type":"#microsoft.graph.fileAttachment","name":"Plan.pdf","contentBytes":"QQ=="}]}`)
	if _, err := p.Send(t.Context(), act.Send{Target: p.to("k"), Message: message, Files: []graphwarden.Attached{file("plan.PDF")}}); code(err) != "act.upload_file" {
		t.Errorf("a name of an attachment inside gave %v", err)
	}
	for name, size := range map[string]int64{"nothing": 0, "of unknown length": -1, "too large": act.LargestUpload + 1} {
		if _, err := p.Upload(t.Context(), p.to(""), size, bytes.NewReader(nil)); code(err) != "act.upload_size" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := p.Upload(t.Context(), p.to(""), 10, iotest.TimeoutReader(strings.NewReader("1234"))); code(err) != "act.upload_broken" {
		t.Errorf("a file that breaks off gave %v", err)
	}
	foreign := p.to("k")
	foreign.App = "hr"
	if _, err := p.Upload(t.Context(), foreign, 10, strings.NewReader("0123456789")); code(err) != "act.no_flow" {
		t.Errorf("another app's upload gave %v", err)
	}
	if n := len(p.found(2, "inbox")) + len(p.found(0, "drafts")); n != 0 || !p.kept(u.ID) {
		t.Errorf("%d messages are there", n)
	}
}

// TestAFlowOfModeLeastTakesNoLargeFile and says why.
func TestAFlowOfModeLeastTakesNoLargeFile(t *testing.T) {
	p := openMail(t, flow.Least)
	if _, err := p.Upload(t.Context(), p.to(""), 10, strings.NewReader("0123456789")); code(err) != "act.upload_mode" {
		t.Errorf("handing in gave %v", err)
	}
	if _, err := p.with("k", "No", graphwarden.Attached{Upload: "upl_0", Name: "a"}); code(err) != "act.upload_mode" {
		t.Errorf("sending gave %v", err)
	}
}

// TestAnAppHasOnlySoMuchHandedIn, and what nobody sends is forgotten.
func TestAnAppHasOnlySoMuchHandedIn(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	begin := func(size int64) bool {
		t.Helper()
		room := false
		now := p.clock.now()
		p.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			room, err = p.rooms.Store.BeginUpload(ctx, tx, graphwarden.Upload{ID: fmt.Sprint("upl_", size), App: "crm", Size: size, Expires: now.Add(time.Hour)}, 300<<20)
			return err
		})
		return room
	}
	if !begin(act.LargestUpload) || !begin(act.LargestUpload-5) {
		t.Fatal("there is no room")
	}
	small := p.handIn(bytesOf(5))
	if _, err := p.Upload(t.Context(), p.to(""), 1, strings.NewReader("x")); code(err) != "act.upload_quota" {
		t.Errorf("one byte more gave %v", err)
	}
	n := 0
	p.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		n, err = p.rooms.Store.ForgetUploads(ctx, tx, 10)
		return err
	})
	if n != 0 || !p.kept(small.ID) {
		t.Errorf("%d were forgotten that wait", n)
	}
}

// TestASessionThatEndsIsBegunAnew: Microsoft lets go of it while the file is under way.
func TestASessionThatEndsIsBegunAnew(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	for situation, rules := range map[string][]any{
		"the session is no more":   {doc{"match": "PUT /api/v2.0/**", "status": 404, "times": 1}, doc{"match": "GET /api/v2.0/**", "status": 404}},
		"the answer is lost":       {doc{"match": "PUT /api/v2.0/**", "cut": "after", "times": 1}},
		"the request is lost":      {doc{"match": "PUT /api/v2.0/**", "cut": "before", "times": 1}},
		"Microsoft asks to wait":   {doc{"match": "PUT /api/v2.0/**", "status": 429, "retryAfter": 5, "times": 1}},
		"the beginning is lost":    {doc{"match": "POST /users/*/messages/*/attachments/createUploadSession", "cut": "after", "times": 1}},
		"the look at it is lost":   {doc{"match": "GET /users/*/messages/*/attachments*", "cut": "after", "times": 1}},
		"the last answer is lost":  {doc{"match": "PUT /api/v2.0/**", "cut": "after", "times": 4}},
		"Microsoft answers broken": {doc{"match": "PUT /api/v2.0/**", "status": 503, "times": 1}},
	} {
		content := bytesOf(6_000_001)
		u := p.handIn(content)
		p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": rules})
		in, err := p.with(strings.ReplaceAll(situation, " ", "-"), situation, graphwarden.Attached{Upload: u.ID, Name: "a.bin"})
		if err != nil {
			t.Fatalf("%s: %v", situation, err)
		}
		for tries := 0; in.Outcome.State == graphwarden.IntentOpen && tries < 20; tries++ {
			p.later(time.Minute)
			if _, err := p.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			if in, err = p.Write(t.Context(), "crm", in.ID); err != nil {
				t.Fatal(err)
			}
		}
		if got := p.arrived(2, "inbox", situation); in.Outcome.State != graphwarden.IntentDone || len(got) != 1 || !bytes.Equal(got["a.bin"], content) {
			t.Errorf("%s: it is %s, and %d files arrived", situation, in.Outcome.State, len(got))
		}
		if p.kept(u.ID) {
			t.Errorf("%s: the file is kept", situation)
		}
	}
	p.Ask(t, http.MethodPost, "/sim/faults", doc{"seed": 1, "rules": []any{}})
}

// TestAMessageThatIsTooLargeLeavesNothing: the mailbox takes 35 MB, and says so only when
// the file is there.
func TestAMessageThatIsTooLargeLeavesNothing(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	u := p.handIn(bytesOf(36 << 20))
	in, err := p.with("k", "Heavy", graphwarden.Attached{Upload: u.ID, Name: "a.bin"})
	var no *graphwarden.Refusal
	if !errors.As(err, &no) || in.Outcome.State != graphwarden.IntentRefused {
		t.Fatalf("it gave %+v, %v", in.Outcome, err)
	}
	t.Log(no.Code, no.Say)
	if n := len(p.found(2, "inbox")) + len(p.found(0, "drafts")); n != 0 || p.kept(u.ID) {
		t.Errorf("%d messages are there", n)
	}
}

// meddling has something happen at the first call of one kind.
type meddling struct {
	act.Files
	looked, put func()
}

func (s *meddling) Attachments(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) ([]string, error) {
	names, err := s.Files.Attachments(ctx, f, m, id)
	if do := s.looked; do != nil {
		s.looked = nil
		do()
	}
	return names, err
}

func (s *meddling) PutRange(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, session graph.Session, piece []byte) (graph.Session, error) {
	session, err := s.Files.PutRange(ctx, f, m, session, piece)
	if do := s.put; do != nil && err == nil {
		s.put = nil
		do()
	}
	return session, err
}

// TestWhoHasLostAWriteAttachesNothing: a process is so slow that another one has the write
// by the time that it goes on.
func TestWhoHasLostAWriteAttachesNothing(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	content := bytesOf(3_300_000)
	u := p.handIn(content)
	other := p.config
	other.Holder = "two"
	slow := p.config
	slow.Files = &meddling{Files: p.config.Files, looked: func() {
		p.later(2 * time.Minute)
		if any, err := act.New(other).Resume(t.Context()); err != nil || !any {
			t.Errorf("nobody else has it: %v", err)
		}
	}}
	p.Act = act.New(slow)
	in, err := p.with("k", "Once", graphwarden.Attached{Upload: u.ID, Name: "a.bin"})
	if err != nil || in.Outcome.State == graphwarden.IntentRefused {
		t.Fatalf("it gave %+v, %v", in.Outcome, err)
	}
	if got := p.arrived(2, "inbox", "Once"); len(got) != 1 || !bytes.Equal(got["a.bin"], content) {
		t.Errorf("%d files arrived", len(got))
	}
	begun := 0
	err = p.rooms.Store.EntriesAfter(t.Context(), 0, 1<<20, func(e graphwarden.Entry, _ [32]byte) error {
		if e.Kind == graphwarden.Decided && e.Path == flow.BeginUpload().Template() {
			begun++
		}
		return nil
	})
	if err != nil || begun != 1 {
		t.Errorf("%d sessions were begun, %v", begun, err)
	}
}

// TestADraftThatHasAFileTwiceIsNotSent: what two processes attached in the same moment is
// seen before the message goes, and leaves nothing.
func TestADraftThatHasAFileTwiceIsNotSent(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	u := p.handIn(bytesOf(3 << 20))
	c := p.config
	c.Files = &meddling{Files: p.config.Files, put: func() {
		drafts := p.Ask(t, http.MethodGet, fmt.Sprintf("/v1.0/users/%s/mailFolders/drafts/messages?$select=id", p.flow.Mailboxes[0].ID), nil)["value"].([]any)
		p.Ask(t, http.MethodPost, p.path("/messages/"+drafts[0].(doc)["id"].(string)+"/attachments"), doc{"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.bin", "contentBytes": "QQ=="})
	}}
	p.Act = act.New(c)
	in, err := p.with("k", "Twice", graphwarden.Attached{Upload: u.ID, Name: "a.bin"}) // its last range is its second
	if code(err) != "act.upload_twice" || in.Outcome.State != graphwarden.IntentRefused {
		t.Errorf("it gave %+v, %v", in.Outcome, err)
	}
	if n := len(p.found(2, "inbox")) + len(p.found(0, "drafts")); n != 0 {
		t.Errorf("%d messages are there", n)
	}
}

// TestAFileIsNeverInMemoryAsAWhole while it is handed in.
func TestAFileIsNeverInMemoryAsAWhole(t *testing.T) {
	p := openMail(t, flow.ExactlyOnce)
	const size = 60 << 20
	used := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, most := used(), uint64(0)
	source := rand.NewChaCha8([32]byte{1})
	content := reading(func(b []byte, from int) (int, error) {
		if from%(10<<20) < len(b) {
			most = max(most, used())
		}
		return source.Read(b)
	})
	if _, err := p.Upload(t.Context(), p.to(""), size, &content); err != nil {
		t.Fatal(err)
	}
	if most > before && most-before > size/3 {
		t.Errorf("of a file of %d MiB %d MiB were in memory", size>>20, (most-before)>>20)
	}
	t.Logf("%d kB more than before", (int64(most)-int64(before))>>10)
}

// reader reads by a function that knows how much was read.
type reader struct {
	from int
	read func(b []byte, from int) (int, error)
}

func reading(read func(b []byte, from int) (int, error)) reader { return reader{read: read} }

func (r *reader) Read(b []byte) (int, error) {
	n, err := r.read(b, r.from)
	r.from += n
	return n, err
}
