package wire

import (
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/upload"
)

// BeginUpload begins an upload session for the AttachmentItem of the call's body and
// answers with it. Signed-in people reach their own mailboxes only: sessions on what
// is shared with them are refused (known issues, "Attaching large files to messages
// with delegated permissions can fail").
func (c *Call) BeginUpload(sessions *upload.Sessions, s upload.Session) (Answer, error) {
	if c.Caller.Delegated() && c.Caller.User != s.Mailbox {
		return Answer{}, NoAccess()
	}
	var item Doc
	for name, v := range c.Body {
		if strings.EqualFold(name, "AttachmentItem") {
			item, _ = v.(Doc)
		}
	}
	s.App, s.Principal = c.Caller.AppID, c.Caller.OID()
	s, err := sessions.Begin(c.Tx, s, item)
	if err != nil {
		return Answer{}, err
	}
	at := s.Address(Origin(c.Request), c.World.TenantID, "AttachmentSessions", s.Key) + "?authtoken=" + s.Token
	return Answer{Status: http.StatusCreated, Doc: Doc{"uploadUrl": at, "expirationDateTime": outlook.Timestamp(s.Expires), "nextExpectedRanges": []any{"0-"}},
		Context: "microsoft.graph.uploadSession"}, nil
}
