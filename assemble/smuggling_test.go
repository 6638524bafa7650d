package assemble_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// smuggle is a text that two programs could cut into requests in different ways. It is
// answered as stated, and then the connection ends or goes on with what comes next.
type smuggle struct {
	name string
	raw  string
	want string // the status of each answer, in order; "!": it is refused by whatever status, once
}

const (
	eventsOnce = "GET /graph/v1.0/users/{in}/events?$top=1&$select=id HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
	makesOne   = "POST /graph/v1.0/users/{in}/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
	// hidden is what an attacker would slip in: it would be answered by 200.
	hidden = "GET /graph/v1.0/users/{in2}/events?$top=1&$select=subject HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nX-Smuggled: yes\r\n\r\n"
	noBody = `{"frob":1}` // is refused as a body, so that nothing is made
)

// smuggles are what R14 names, and its kin.
func smuggles() []smuggle {
	chunk := func(s string) string { return fmt.Sprintf("%x\r\n%s\r\n", len(s), s) }
	chunked := makesOne + "Transfer-Encoding: chunked\r\n\r\n"
	out := []smuggle{
		{"both lengths, the header first", makesOne + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, "400"},
		{"both lengths, the chunks first", makesOne + "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n" + chunk(noBody) + "0\r\n\r\n" + hidden, "400"},
		{"a length of nothing beside chunks", makesOne + "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(noBody) + "0\r\n\r\n" + hidden, "400"},
		{"chunks of a GET beside a length", eventsOnce + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, "200"},
		{"both lengths, of the apps' own API", "POST /v1/nothing HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, "404"},
		{"one length twice", makesOne + "Content-Length: 10\r\nContent-Length: 10\r\n\r\n" + noBody + hidden, "400 200"},
		{"a chunk's size with a sign", chunked + "+a\r\n" + noBody + "\r\n0\r\n\r\n" + hidden, "400"},
		{"chunks with an extension", chunked + "a;x=y\r\n" + noBody + "\r\n0\r\n\r\n" + hidden, "400"},
		{"chunks with an extension in quotes", chunked + "a;x=\"\r\n\"\r\n" + noBody + "\r\n0\r\n\r\n" + hidden, "400"},
		{"chunks with a trailer", chunked + chunk(noBody) + "0\r\nX-Trailer: y\r\n\r\n" + hidden, "400"},
		{"a trailer that authorizes", makesOne + "Transfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n" + chunk(noBody) + "0\r\nAuthorization: Bearer x\r\n\r\n" + hidden, "400"},
		{"a trailer that is a length", chunked + chunk(noBody) + "0\r\nContent-Length: 100\r\n\r\n" + hidden, "400"},
		{"chunks in capitals", makesOne + "Transfer-Encoding: CHUNKED\r\n\r\n" + chunk(noBody) + "0\r\n\r\n" + hidden, "400"},
		{"two requests at once", eventsOnce + "\r\n" + hidden, "200 200"},
		{"three requests at once", eventsOnce + "\r\n" + eventsOnce + "\r\n" + hidden, "200 200 200"},
		{"a request behind a body", makesOne + "Content-Length: 10\r\n\r\n" + noBody + hidden, "400 200"},
		{"a body in two halves of a request", makesOne + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(noBody)+4, noBody) + "\r\n\r\n" + hidden, "400 200"},
		{"a GET with a length and a request as body", eventsOnce + "Content-Type: application/json\r\nContent-Length: {hidden length}\r\n\r\n" + hidden, "400"},
		{"a GET with a request in a chunk", eventsOnce + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{hidden length hex}\r\n" + hidden + "\r\n0\r\n\r\n", "400"},
		{"a request to go on after 100", makesOne + "Expect: 100-continue\r\nContent-Length: 10\r\n\r\n" + noBody + hidden, "100 400 200"},
		{"an expectation that is none", makesOne + "Expect: 200-ok\r\nContent-Length: 10\r\n\r\n" + noBody + hidden, "417"},
		{"a request to go on in capitals", makesOne + "EXPECT: 100-CONTINUE\r\nContent-Length: 10\r\n\r\n" + noBody + hidden, "100 400 200"},
		{"an upgrade to h2c", eventsOnce + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n" + hidden, "200 200"},
		{"an upgrade to a web socket", eventsOnce + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" + hidden, "200 200"},
		{"HTTP/2 without an upgrade", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden, "!"},
		{"HTTP/2 in a request line", strings.Replace(eventsOnce, "HTTP/1.1", "HTTP/2.0", 1) + "\r\n" + hidden, "!"},
		{"HTTP/1.0", strings.Replace(eventsOnce, "HTTP/1.1", "HTTP/1.0", 1) + "\r\n" + hidden, "200"},
		{"HTTP/1.0 with chunks", strings.Replace(makesOne, "HTTP/1.1", "HTTP/1.0", 1) + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, "!"},
		{"HTTP/0.9", "GET /graph/v1.0/users/{in}/events\r\n" + hidden, "!"},
		{"the end of a connection asked for", eventsOnce + "Connection: close\r\n\r\n" + hidden, "200"},
		{"blank lines before a request", "\r\n\r\n" + eventsOnce + "\r\n" + hidden, "!"},
		{"the whole address, of here", strings.Replace(eventsOnce, "GET /", "GET http://{host}/", 1) + "\r\n" + hidden, "404 200"},
		{"the whole address, of somebody else", strings.Replace(eventsOnce, "GET /", "GET http://evil.example/", 1) + "\r\n" + hidden, "404 200"},
		{"an address without a scheme", strings.Replace(eventsOnce, "GET /", "GET //evil.example/", 1) + "\r\n" + hidden, "307 200"},
		{"a target that is only a host", "CONNECT tenant.example:443 HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n\r\n" + hidden, "404 200"},
		{"a target that is a star", "OPTIONS * HTTP/1.1\r\nHost: {host}\r\n\r\n" + hidden, "200 200"},
		{"a fragment in the target", strings.Replace(eventsOnce, "$select=id", "$select=id#x", 1) + "\r\n" + hidden, "400 200"},
		{"no host", strings.Replace(eventsOnce, "Host: {host}\r\n", "", 1) + "\r\n" + hidden, "!"},
		{"two hosts", eventsOnce + "Host: evil.example\r\n\r\n" + hidden, "!"},
		{"two authorizations", eventsOnce + "Authorization: Bearer {key}\r\n\r\n" + hidden, "401 200"},
		{"two authorizations in one", strings.Replace(eventsOnce, "Bearer {key}", "Bearer {key}, Bearer {key}", 1) + "\r\n" + hidden, "401 200"},
		{"a folded header", eventsOnce + "X-Fold: a\r\n b: c\r\n\r\n" + hidden, "200 200"},
		{"a folded authorization", strings.Replace(eventsOnce, "Bearer {key}", "Bearer\r\n {key}", 1) + "\r\n" + hidden, "200 200"},
		{"a folded first header", strings.Replace(eventsOnce, "\r\nHost", "\r\n Host", 1) + "\r\n" + hidden, "!"},
		{"a folded length", makesOne + "Content-Length:\r\n 10\r\n\r\n" + noBody + hidden, "400 200"},
		{"a length that is folded into the header before", makesOne + " Content-Length: 10\r\n\r\n" + noBody + hidden, "400 400"},
		{"a folded transfer", makesOne + "Transfer-Encoding:\r\n chunked\r\n\r\n" + chunk(noBody) + "0\r\n\r\n" + hidden, "400"},
		{"line feeds alone", strings.ReplaceAll(eventsOnce, "\r\n", "\n") + "\n" + hidden, "200 200"},
		{"a line feed alone hides a length", eventsOnce + "X: y\nContent-Length: 5\r\nContent-Type: application/json\r\n\r\nabcde" + hidden, "400 200"},
		{"a carriage return alone", eventsOnce + "X: y\rContent-Length: 5\r\n\r\n" + hidden, "!"},
		{"a header of a zero byte", eventsOnce + "X: a\x00b\r\n\r\n" + hidden, "!"},
		{"a header without a name", eventsOnce + ": x\r\n\r\n" + hidden, "!"},
		{"a header without a colon", eventsOnce + "Content-Length 5\r\n\r\n" + hidden, "!"},
		{"a header larger than any", eventsOnce + "X: " + strings.Repeat("a", 200<<10) + "\r\n\r\n" + hidden, "431"},
		{"a target longer than any", strings.Replace(eventsOnce, "$top=1", "$top=1&x="+strings.Repeat("a", 20<<10), 1) + "\r\n" + hidden, "400 200"},
		{"a blank in the target", strings.Replace(eventsOnce, "/events", "/ev ents", 1) + "\r\n" + hidden, "!"},
		{"a tab for a blank", strings.Replace(eventsOnce, "GET ", "GET\t", 1) + "\r\n" + hidden, "!"},
		{"a method with a line end", strings.Replace(eventsOnce, "GET", "G\x0bET", 1) + "\r\n" + hidden, "!"},
		{"a chunk that is shorter than it says", chunked + "20\r\n" + noBody + "\r\n0\r\n\r\n" + hidden, "400"},
		{"a chunk that is longer than it says", chunked + "1\r\n" + noBody + "\r\n0\r\n\r\n" + hidden, "400"},
		{"no chunk at the end", chunked + chunk(noBody) + "\r\n" + hidden, "400"},
	}
	for _, length := range []string{"-1", "+10", "0x0a", "1e1", "10 10", "10, 10", "10,11", "10;", " 10 x", "99999999999999999999", "", "ten", "10\x0b", "1_0"} {
		out = append(out, smuggle{"the length " + fmt.Sprintf("%q", length), makesOne + "Content-Length: " + length + "\r\n\r\n" + noBody + hidden, "!"})
	}
	for _, te := range []string{"chunked, identity", "identity, chunked", "gzip, chunked", "xchunked", "chunked;q=1", "\"chunked\"", "chunked, chunked", "cow", "\x0bchunked", ", chunked", "chunked\r\nTransfer-Encoding: identity", "chunked\r\nTransfer-encoding: cow"} {
		out = append(out, smuggle{fmt.Sprintf("the transfer %q", te), makesOne + "Transfer-Encoding: " + te + "\r\n\r\n" + chunk(noBody) + "0\r\n\r\n" + hidden, "!"})
	}
	for _, name := range []string{"Transfer-Encoding ", "Content-Length ", "Content-Length\t", "Content\x00-Length", "Content-Length\x0b", "Transfer_Encoding: chunked\r\nContent-Length ", "C\u043entent-Length"} {
		out = append(out, smuggle{fmt.Sprintf("the name %q", name), makesOne + name + ": 10\r\n\r\n" + noBody + hidden, "!"})
	}
	return out
}

// TestNothingIsSmuggled writes texts that programs read in different ways onto raw
// connections: each is refused, or read exactly once in the way that it says; what comes
// next on the connection is answered for what it is (R14).
func TestNothingIsSmuggled(t *testing.T) {
	g := guard(t)
	cases := smuggles()
	if len(cases) < 60 {
		t.Fatalf("there are %d cases", len(cases))
	}
	fill := strings.NewReplacer("{host}", g.at, "{hidden length}", "", "{hidden length hex}", "")
	length := len(g.names.Replace(fill.Replace(hidden)))
	fill = strings.NewReplacer("{host}", g.at, "{hidden length}", fmt.Sprint(length), "{hidden length hex}", fmt.Sprintf("%x", length))
	refused, went := 0, 0
	for _, c := range cases {
		g.end()
		before := len(g.caused())
		g.line.write(g.names.Replace(fill.Replace(c.raw)))
		is, open := g.statuses(c)
		if is != strings.ReplaceAll(c.want, "!", "400") && !(c.want == "!" && (is == "" || is == "501" || is == "505")) {
			t.Errorf("%s: answered %q, want %q", c.name, is, c.want)
			continue
		}
		if reads := strings.Count(is, "200"); len(g.caused())-before > reads {
			t.Errorf("%s: %d requests were answered, and Microsoft has heard %d", c.name, reads, len(g.caused())-before)
		}
		if !open {
			refused++
			continue
		}
		went++
		// What comes next is told apart from what was hidden.
		if a := g.ask(http.MethodGet, "/graph/v1.0/users/"+g.ready.Users[0].ID+"?$select=id", g.key, ""); a.status != http.StatusOK || !strings.Contains(a.body, "$metadata#users(id)/$entity") {
			t.Errorf("%s: what comes next is answered %d %s", c.name, a.status, a.body)
		}
	}
	g.spared(g.caused())
	t.Logf("%d cases: %d ended the connection, %d left it as it was", len(cases), refused, went)
}

// statuses reads as many answers as are wanted, or until the connection ends; open says
// that it goes on.
func (g *guarded) statuses(c smuggle) (is string, open bool) {
	var got []string
	wanted := len(strings.Fields(c.want))
	for len(got) < wanted && g.conn != nil {
		a, ok := g.answer(http.MethodGet)
		if !ok {
			break
		}
		got = append(got, fmt.Sprint(a.status))
	}
	return strings.Join(got, " "), g.conn != nil
}
