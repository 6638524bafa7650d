package apiclients_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/interop/apiclients/go/client"
)

// writer is an app that writes, with the client that oapi-codegen made.
type writer struct {
	*testing.T
	*client.ClientWithResponses
	run           string
	sender, guest client.Mailbox
}

func newWriter(t *testing.T) *writer {
	t.Helper()
	address, key := os.Getenv("GRAPHWARDEN_API"), os.Getenv("GRAPHWARDEN_KEY")
	if address == "" {
		t.Skip("run.sh says where the gateway is")
	}
	c, err := client.NewClientWithResponses(address, client.WithRequestEditorFn(as(key)))
	if err != nil {
		t.Fatal(err)
	}
	w := &writer{T: t, ClientWithResponses: c, run: fmt.Sprintf("go-%d", time.Now().UnixNano())}
	boxes, err := c.ListMailboxesWithResponse(t.Context(), nil)
	if err != nil || boxes.JSON200 == nil || len(boxes.JSON200.Items) < 2 {
		t.Fatalf("%v: %s", err, boxes.Body)
	}
	for _, b := range boxes.JSON200.Items {
		if strings.Contains(strings.Join(b.Flows, " "), "messages") {
			w.sender = b
		} else {
			w.guest = b
		}
	}
	return w
}

// done wants an answer that tells of a write that was made.
func (w *writer) done(err error, status, want int, made *client.Write, body []byte) client.Write {
	w.Helper()
	if err != nil || status != want || made == nil || made.State != "done" {
		w.Fatalf("answered %d, not %d: %v %s", status, want, err, body)
	}
	return *made
}

// refused wants a problem with a code.
func (w *writer) refused(err error, status, want int, body []byte, code string) client.Problem {
	w.Helper()
	var p client.Problem
	if err != nil || status != want || json.Unmarshal(body, &p) != nil || p.Code != code || p.Fix == nil {
		w.Fatalf("answered %d, not %d %s: %v %s", status, want, code, err, body)
	}
	return p
}

func (w *writer) event(subject string) client.NewEventRequest {
	day := time.Now().AddDate(0, 0, 6).Format(time.DateOnly)
	at := func(hour string) map[string]any {
		return map[string]any{"dateTime": day + "T" + hour + ":00:00", "timeZone": "Europe/Berlin"}
	}
	return client.NewEventRequest{Reference: to("deal-18"), Event: map[string]any{"subject": subject, "isOnlineMeeting": true, "start": at("14"), "end": at("15"),
		"attendees": []any{map[string]any{"emailAddress": map[string]any{"address": w.guest.Name}}}}}
}

// TestTheGeneratedClientWritesWhatAnAppWrites makes an event, makes it again with the
// same key, changes it, meets a conflict, has the guest answer and cancels it.
func TestTheGeneratedClientWritesWhatAnAppWrites(t *testing.T) {
	w := newWriter(t)
	ctx, tenant, mailbox := t.Context(), w.sender.Tenant, w.sender.Id
	create := func(subject string) *client.CreateEventResponse {
		t.Helper()
		made, err := w.CreateEventWithResponse(ctx, tenant, mailbox, &client.CreateEventParams{IdempotencyKey: w.run + "-create"}, w.event(subject))
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	first := create("Offer " + w.run)
	made := w.done(nil, first.StatusCode(), http.StatusCreated, first.JSON201, first.Body)
	again := create("Offer " + w.run)
	if repeated := w.done(nil, again.StatusCode(), http.StatusCreated, again.JSON201, again.Body); repeated.Id != made.Id || repeated.Event != made.Event || !strings.Contains(string(again.Body), "joinUrl") {
		t.Errorf("once more: %+v, first %+v", repeated, made)
	}
	other := create("Another")
	w.refused(nil, other.StatusCode(), http.StatusUnprocessableEntity, other.Body, "act.key_reused")

	change := func(subject, version string) *client.ChangeEventResponse {
		t.Helper()
		answer, err := w.ChangeEventWithResponse(ctx, tenant, mailbox, made.Event, &client.ChangeEventParams{IfMatch: &version}, client.EventChangeRequest{Change: map[string]any{"subject": subject}})
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	better := change("Better "+w.run, made.Etag)
	changed := w.done(nil, better.StatusCode(), http.StatusOK, better.JSON200, better.Body)
	late := change("Too late", made.Etag)
	conflict := w.refused(nil, late.StatusCode(), http.StatusConflict, late.Body, "act.conflict")
	if conflict.Write == nil {
		t.Fatalf("the conflict names no write: %s", late.Body)
	}
	kept, err := w.GetWriteWithResponse(ctx, *conflict.Write)
	if err != nil || kept.JSON200 == nil || kept.JSON200.State != "refused" || kept.JSON200.Lost == nil || kept.JSON200.Lost.Side != "app" {
		t.Errorf("the refused write: %v %s", err, kept.Body)
	}

	w.answers()
	cancelled, err := w.CancelEventWithResponse(ctx, tenant, mailbox, made.Event, &client.CancelEventParams{IdempotencyKey: w.run + "-cancel"}, client.EventCancelRequest{Comment: to("Another time")})
	w.done(err, cancelled.StatusCode(), http.StatusOK, cancelled.JSON200, cancelled.Body)
	gone := change("Gone", changed.Etag)
	w.refused(nil, gone.StatusCode(), http.StatusNotFound, gone.Body, "act.event_unknown")
}

// answers has the guest accept the invitation, once it has come.
func (w *writer) answers() {
	w.Helper()
	ctx, tenant, mailbox := w.Context(), w.guest.Tenant, w.guest.Id
	invitation := ""
	for late := time.Now().Add(time.Minute); invitation == ""; time.Sleep(100 * time.Millisecond) {
		page, err := w.ListEventsWithResponse(ctx, tenant, mailbox, &client.ListEventsParams{Q: &w.run})
		if err != nil || page.JSON200 == nil || time.Now().After(late) {
			w.Fatalf("the invitation did not come: %v %s", err, page.Body)
		}
		if len(page.JSON200.Items) > 0 {
			invitation = page.JSON200.Items[0].Id
		}
	}
	accept := func(key, answer string) *client.AnswerInvitationResponse {
		w.Helper()
		answered, err := w.AnswerInvitationWithResponse(ctx, tenant, mailbox, invitation, &client.AnswerInvitationParams{IdempotencyKey: w.run + key}, client.EventAnswerRequest{Answer: client.EventAnswerRequestAnswer(answer)})
		if err != nil {
			w.Fatal(err)
		}
		return answered
	}
	answered := accept("-answer", "accept")
	w.done(nil, answered.StatusCode(), http.StatusOK, answered.JSON200, answered.Body)
	wrong := accept("-wrong", "perhaps")
	if p := w.refused(nil, wrong.StatusCode(), http.StatusBadRequest, wrong.Body, "api.field"); p.Field == nil || *p.Field != "answer" {
		w.Errorf("the field is not named: %s", wrong.Body)
	}
}

func TestTheGeneratedClientSendsMailOnce(t *testing.T) {
	w := newWriter(t)
	ids := map[string]bool{}
	for range 2 {
		sent, err := w.SendMessageWithResponse(t.Context(), w.sender.Tenant, w.sender.Id, &client.SendMessageParams{IdempotencyKey: w.run + "-mail"}, client.NewMessageRequest{Message: map[string]any{
			"subject": "Somebody called for you", "body": map[string]any{"contentType": "text", "content": "Please call back."},
			"toRecipients": []any{map[string]any{"emailAddress": map[string]any{"address": w.guest.Name}}}}})
		ids[w.done(err, sent.StatusCode(), http.StatusOK, sent.JSON200, sent.Body).Id] = true
	}
	if len(ids) != 1 {
		t.Errorf("one message is the writes %v", ids)
	}
}

func TestTheGeneratedClientSeesPresence(t *testing.T) {
	w := newWriter(t)
	people := w.sender.Name + "," + w.guest.Id
	list, err := w.ListPresenceWithResponse(t.Context(), &client.ListPresenceParams{People: &people})
	if err != nil || list.JSON200 == nil || len(list.JSON200.Items) != 2 {
		t.Fatalf("%v: %s", err, list.Body)
	}
	nobody, err := w.GetPresenceWithResponse(t.Context(), "nobody@contoso.example")
	w.refused(err, nobody.StatusCode(), http.StatusNotFound, nobody.Body, "presence.person_unknown")
	ctx, leave := context.WithTimeout(t.Context(), time.Minute)
	defer leave()
	stream, err := w.FollowPresence(ctx, nil)
	if err != nil || stream.StatusCode != http.StatusOK {
		t.Fatal(stream, err)
	}
	defer stream.Body.Close()
	told := 0
	for lines := bufio.NewScanner(stream.Body); lines.Scan() && lines.Text() != "event: live"; {
		data, is := strings.CutPrefix(lines.Text(), "data: ")
		var p client.Presence
		if is && json.Unmarshal([]byte(data), &p) == nil && p.Person != "" {
			told++
		}
	}
	if told != 3 {
		t.Errorf("of 3 people %d are told", told)
	}
}
