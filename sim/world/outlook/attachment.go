package outlook

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// Attachment is something that hangs on an item.
type Attachment struct {
	Type        string    `json:"type"` // fileAttachment, itemAttachment, referenceAttachment
	Name        string    `json:"name"`
	ContentType string    `json:"contentType,omitempty"`
	Size        int       `json:"size"` // in bytes
	Inline      bool      `json:"inline,omitempty"`
	ContentID   string    `json:"contentId,omitempty"`
	Location    string    `json:"location,omitempty"`
	Content     []byte    `json:"content,omitempty"`
	Item        Doc       `json:"item,omitempty"`
	Modified    time.Time `json:"modified"`
}

// largestAttachment is the largest that one request may carry (documentation of
// Add attachment: under 3 MB).
const largestAttachment = 3 << 20

// ReadAttachment reads an attachment from a body of Graph's.
func ReadAttachment(body Doc) (Attachment, error) {
	a := Attachment{
		Type: strings.TrimPrefix(Text(body, "@odata.type"), "#microsoft.graph."), Name: Text(body, "name"),
		ContentType: Text(body, "contentType"), ContentID: Text(body, "contentId"), Location: Text(body, "contentLocation"),
	}
	a.Inline, _ = body["isInline"].(bool)
	switch a.Type {
	case "fileAttachment":
		content, err := base64.StdEncoding.DecodeString(Text(body, "contentBytes"))
		if err != nil {
			return a, BadProperty("contentBytes", "it is not base64.")
		}
		a.Content, a.Size = content, len(content)
	case "itemAttachment":
		a.Item, _ = body["item"].(Doc)
		raw, err := json.Marshal(a.Item)
		if err != nil || a.Item == nil {
			return a, BadProperty("item", "it is required.")
		}
		a.Size = len(raw)
	case "referenceAttachment":
	default:
		return a, BadProperty("@odata.type", "'%s' is none of #microsoft.graph.fileAttachment, itemAttachment, referenceAttachment.", a.Type)
	}
	switch {
	case a.Name == "":
		return a, BadProperty("name", "it is required.")
	case a.Size > largestAttachment:
		return a, Refuse(http.StatusRequestEntityTooLarge, "ErrorAttachmentSizeLimitExceeded",
			"The attachment size exceeds the limit of 3 MB; use an upload session.")
	}
	return a, nil
}

// Doc writes an attachment under an id, with its content or without.
func (a Attachment) Doc(id string, whole bool) Doc {
	d := Doc{
		"@odata.type": "#microsoft.graph." + a.Type, "id": id, "name": a.Name,
		"size": float64(a.Size), "isInline": a.Inline, "lastModifiedDateTime": Timestamp(a.Modified), "contentType": nil,
	}
	if a.ContentType != "" {
		d["contentType"] = a.ContentType
	}
	if a.Type != "fileAttachment" {
		return d
	}
	d["contentId"], d["contentLocation"] = OrNull(a.ContentID), OrNull(a.Location)
	if whole {
		d["contentBytes"] = base64.StdEncoding.EncodeToString(a.Content)
	}
	return d
}
