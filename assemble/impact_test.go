package assemble_test

import (
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/flow"
)

// TestWhatIsBehindAnOperationIsJudgedAgainAsThat: a piece of a file was let through by the
// operation that began its upload, and so it is when decisions are judged again.
func TestWhatIsBehindAnOperationIsJudgedAgainAsThat(t *testing.T) {
	const begin, content = "POST /users/{id}/messages/{id}/attachments/createUploadSession", "GET /users/{id}/drive/items/{id}/content"
	f := flow.Flow{Name: "files", App: "crm", Kind: flow.Through([]flow.Operation{flow.Asked(flow.V1, "POST", begin[5:]), flow.Asked(flow.V1, "GET", content[4:]), flow.Asked(flow.V1, "GET", "/users/{id}/messages")})}
	for entry, want := range map[[2]string]string{
		{"POST", "/v1.0/users/{mailbox}/messages/{id}/attachments/createUploadSession"}:     begin,
		{"PUT", "/v1.0/users/{mailbox}/messages/{id}/attachments/createUploadSession"}:      "PUT behind " + begin,
		{"GET", "/beta/users/{mailbox}/messages/{id}/attachments/createUploadSession"}:      "GET behind " + begin,
		{"GET", "/v1.0/users/{mailbox}/drive/items/{id}/content"}:                           content,
		{"DELETE", "/v1.0/users/{mailbox}/messages"}:                                        "",
		{"PUT", "/v1.0/users/{mailbox}/events/{id}/attachments/createUploadSession"}:        "",
		{"PUT", "/v1.0/users/{mailbox}/messages/{id}/attachments/{id}/createUploadSession"}: "",
	} {
		if got := assemble.Performed(f, graphwarden.Entry{Method: entry[0], Path: entry[1]}); got != want {
			t.Errorf("%s: %q, want %q", entry, got, want)
		}
	}
}
