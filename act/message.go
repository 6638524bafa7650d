package act

import (
	"encoding/base64"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/graphwarden/graphwarden"
)

const (
	// mostRecipients is how many a message may have (graph-facts §6).
	mostRecipients = 500
	// mostHeaders is how many headers of its own a message may have.
	mostHeaders = 5
	// largestMessage is how many bytes a message may have with what is attached;
	// Graph takes 4 MB in one request.
	largestMessage = 3 << 20
)

// recipientLists are the properties of a message that name who gets it.
func recipientLists() []string { return []string{"toRecipients", "ccRecipients", "bccRecipients"} }

// messageProperties are those of a message that can be written (documentation of
// the message resource), with what each must be. From and sender are the mailbox's.
func messageProperties() map[string]check {
	people := isList(mostRecipients, isObject(map[string]check{
		"emailAddress": isObject(map[string]check{"address": isAddress, "name": isText(255, false)}, "address"),
	}, "emailAddress"))
	return map[string]check{
		"subject":                    isText(255, false),
		"body":                       isObject(map[string]check{"contentType": oneOf("text", "html"), "content": isText(largestMessage, true)}, "contentType", "content"),
		"toRecipients":               people,
		"ccRecipients":               people,
		"bccRecipients":              people,
		"replyTo":                    people,
		"importance":                 oneOf("low", "normal", "high"),
		"categories":                 isList(25, filled(isText(255, false))),
		"isReadReceiptRequested":     isBool,
		"isDeliveryReceiptRequested": isBool,
		"internetMessageHeaders":     isList(mostHeaders, isObject(map[string]check{"name": isHeader, "value": isText(998, false)}, "name", "value")),
		"attachments": isList(50, isObject(map[string]check{"@odata.type": oneOf("#microsoft.graph.fileAttachment"), "name": filled(isText(255, false)),
			"contentType": isText(255, false), "contentBytes": isBytes, "contentId": isText(255, false), "isInline": isBool}, "@odata.type", "name", "contentBytes")),

		"singleValueExtendedProperties": isList(50, isObject(map[string]check{"id": said(isForeign), "value": isText(32<<10, true)}, "id", "value")),
	}
}

// checkMessage reads a message that is to be sent, and gives it as the app gave it,
// too, for comparing requests.
func checkMessage(raw json.RawMessage) (message map[string]any, canonical []byte, no *graphwarden.Refusal) {
	if message, no = readUpTo("message", raw, largestMessage); no == nil {
		no = checkMembers("message", message, messageProperties(), nil)
	}
	if no != nil {
		return nil, nil, no
	}
	everybody := map[string]bool{}
	for _, list := range recipientLists() {
		people, _ := message[list].([]any)
		for _, p := range people {
			everybody[strings.ToLower(addressOf(p))] = true
		}
	}
	switch n := len(everybody); {
	case n == 0:
		return nil, nil, refuse(graphwarden.Invalid, "act.missing", "message.toRecipients", "The message has no recipient.", "Name one in toRecipients, ccRecipients or bccRecipients.")
	case n > mostRecipients:
		return nil, nil, wrong("message.toRecipients", "to, cc and bcc name %d people together, more than %d", n, mostRecipients)
	}
	canonical, err := json.Marshal(message)
	if err != nil {
		return nil, nil, refuse(graphwarden.Invalid, "act.json", "message", "The message cannot be written.", "Send the properties as Graph documents them.")
	}
	return message, canonical, nil
}

// addressOf gives the address of a recipient that was checked.
func addressOf(recipient any) string {
	person, _ := recipient.(map[string]any)
	mail, _ := person["emailAddress"].(map[string]any)
	address, _ := mail["address"].(string)
	return address
}

// headerName is how headers are called that may be added (graph-facts §6).
var headerName = regexp.MustCompile(`^[xX]-[A-Za-z0-9][A-Za-z0-9-]{0,60}$`)

func isHeader(field string, v any) *graphwarden.Refusal {
	if name, _ := v.(string); headerName.MatchString(name) {
		return nil
	}
	return wrong(field, "it is not the name of a header of your own, which begins with x-")
}

// isBytes wants bytes in base64.
func isBytes(field string, v any) *graphwarden.Refusal {
	text, ok := v.(string)
	if !ok || text == "" {
		return wrong(field, "bytes in base64 are expected")
	}
	if _, err := base64.StdEncoding.Strict().DecodeString(text); err != nil || strings.ContainsAny(text, "\r\n") {
		return wrong(field, "it is not base64")
	}
	return nil
}
