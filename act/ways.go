package act

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/item"
)

// Way says how the effect of a kind of write is found again when its answer was
// lost. docs/writing.md has the same table.
type Way struct {
	Kind  graphwarden.WriteKind
	Hint  string // what is left at Microsoft for it
	Found string // when the effect counts as there
	Risk  string // what remains

	// look is nil where nothing is left that could be found: what may have been sent is
	// not sent again.
	look func(a *Act, ctx context.Context, f flow.Flow, in graphwarden.Intent) (sight, error)
	send func(a *Act, ctx context.Context, f flow.Flow, in *graphwarden.Intent) (json.RawMessage, error)
	// reads says that what is there is read when the write has its turn, before it is sent.
	reads bool
	// again says that who looks for the effect of a write that is done finds it, so that
	// its outcome may be told before it is on the disk.
	again bool
}

// sight is what somebody who looked for an effect has seen.
type sight struct {
	verdict verdict
	item    string          // the id of what was made
	body    json.RawMessage // as it is now
}

type verdict int

const (
	absent  verdict = iota // the effect is not there: it can be made
	present                // it is there
	moved                  // it is not there, and what it was to change has changed
	unclear                // nobody can say
)

// Ways is the one table of the kinds of write.
func Ways() []Way {
	return []Way{
		{graphwarden.CreateEvent,
			"transactionId, and the mark as an extended property",
			"an event of the calendar has the mark, or Microsoft says that the transactionId was used",
			"an event that somebody deletes before it is looked for is made again",
			(*Act).lookCreated, (*Act).sendCreate, false, true},
		{graphwarden.UpdateEvent,
			"the mark as an extended property, and If-Match with the version that was read before",
			"the event has the mark",
			"where Microsoft does not listen to If-Match, a change between reading and writing is overwritten unseen; an event that somebody deletes before it is looked for leaves the write uncertain",
			(*Act).lookUpdated, (*Act).sendUpdate, false, true},
		{graphwarden.DeleteEvent,
			"the event's immutable id",
			"there is no event with the id",
			"none",
			(*Act).lookGone, (*Act).sendDelete, false, true},
		{graphwarden.CancelEvent,
			"the event's immutable id",
			"there is no event with the id, or it is cancelled",
			"a meeting that somebody deletes in the same moment counts as cancelled; its attendees are told either way",
			(*Act).lookGone, (*Act).sendCancel, false, true},
		{graphwarden.RespondEvent,
			"the answer and its time, read before",
			"the event has the answer, newly given; a declined one is gone",
			"the same answer once more, whose time does not show it, is uncertain, and so is one to an invitation that is changed or deleted before it is looked for; one that somebody deletes in the same moment counts as declined",
			(*Act).lookAnswered, (*Act).sendRespond, true, false},
		{graphwarden.SendMail,
			"nothing: Mail.Send alone reads no mailbox",
			"Microsoft says so",
			"a message whose answer is lost, or whose server dies once it was to be sent, is uncertain",
			nil, (*Act).sendMail, false, false},
		{graphwarden.SendMailOnce,
			"the mark as an extended property of the draft, and the draft's immutable id",
			"the message with the id is no draft any more",
			"a message that somebody deletes for good in the same moment is uncertain",
			(*Act).lookSent, (*Act).sendOnce, false, true},
	}
}

// comesBack says of an outcome that it would be the same if it were lost and the effect
// looked for: the write is on disk since before it was sent. What did not come about is
// not looked for, it would be made; and a version that lost is kept at once.
func comesBack(in graphwarden.Intent, loser *graphwarden.Loser) bool {
	way, known := wayOf(in.Kind)
	return known && way.again && in.Outcome.State == graphwarden.IntentDone && loser == nil
}

// keeping is how an outcome is kept.
func (a *Act) keeping(in graphwarden.Intent, loser *graphwarden.Loser) func(context.Context, func(context.Context, graphwarden.Tx) error) error {
	if comesBack(in, loser) {
		return a.config.Store.UpdateUnsynced
	}
	return a.config.Store.Update
}

func wayOf(kind graphwarden.WriteKind) (Way, bool) {
	for _, w := range Ways() {
		if w.Kind == kind {
			return w, true
		}
	}
	return Way{}, false
}

// seen is what is read of an event to know it again.
type seen struct {
	ID        string `json:"id"`
	ETag      string `json:"@odata.etag"`
	Series    string `json:"seriesMasterId"`
	Cancelled bool   `json:"isCancelled"`
	Draft     bool   `json:"isDraft"`
	Message   string `json:"internetMessageId"`
	Online    bool   `json:"isOnlineMeeting"`
	Meeting   struct {
		JoinURL string `json:"joinUrl"`
	} `json:"onlineMeeting"`
	Response struct {
		Response string    `json:"response"`
		Time     time.Time `json:"time"`
	} `json:"responseStatus"`
	Properties []struct {
		ID    string `json:"id"`
		Value string `json:"value"`
	} `json:"singleValueExtendedProperties"`
}

func see(body json.RawMessage) (s seen) {
	_ = json.Unmarshal(body, &s) // what is not there is not seen
	return s
}

func (s seen) mark() string {
	for _, p := range s.Properties {
		if p.ID == Mark {
			return p.Value
		}
	}
	return ""
}

// before is what was there before a write, as it stands in Intent.Before.
type before struct {
	ETag     string          `json:"etag,omitempty"`
	Named    bool            `json:"named,omitempty"` // the app said which version it knew
	Open     bool            `json:"open,omitempty"`  // it was read, and was not private
	Response string          `json:"response,omitempty"`
	At       time.Time       `json:"at,omitzero"`
	Said     []byte          `json:"said,omitempty"`    // what an invitation said, apart from its answer
	Loser    json.RawMessage `json:"loser,omitempty"`   // Microsoft's version, which loses
	SentAt   time.Time       `json:"sent,omitzero"`     // when a draft was last on its way
	Message  string          `json:"message,omitempty"` // the draft's internetMessageId
	Unsent   bool            `json:"unsent,omitempty"`  // nothing was ever sent that could have taken effect
	Doubt    bool            `json:"doubt,omitempty"`   // something was, since the effect was last looked for
	// Files are what a message takes along of what its app handed in.
	Files []graphwarden.Attached `json:"files,omitempty"`
}

func beforeOf(in graphwarden.Intent) (b before) {
	_ = json.Unmarshal(in.Before, &b) // what is not there is not known
	return b
}

func (b before) write() json.RawMessage {
	raw, _ := json.Marshal(b) // nothing in it can fail
	if string(raw) == "{}" {
		return nil
	}
	return raw
}

func (a *Act) sendCreate(ctx context.Context, f flow.Flow, in *graphwarden.Intent) (json.RawMessage, error) {
	return a.config.Writer.CreateEvent(ctx, f, in.Mailbox, in.Container, in.Request)
}

func (a *Act) sendUpdate(ctx context.Context, f flow.Flow, in *graphwarden.Intent) (json.RawMessage, error) {
	return a.config.Writer.UpdateEvent(ctx, f, in.Mailbox, in.Item, in.Version, in.Request)
}

func (a *Act) sendDelete(ctx context.Context, f flow.Flow, in *graphwarden.Intent) (json.RawMessage, error) {
	return nil, a.config.Writer.DeleteEvent(ctx, f, in.Mailbox, in.Item, in.Version)
}

func (a *Act) sendCancel(ctx context.Context, f flow.Flow, in *graphwarden.Intent) (json.RawMessage, error) {
	return nil, a.config.Writer.CancelEvent(ctx, f, in.Mailbox, in.Item, in.Version, in.Request)
}

func (a *Act) sendRespond(ctx context.Context, f flow.Flow, in *graphwarden.Intent) (json.RawMessage, error) {
	if err := a.config.Writer.RespondEvent(ctx, f, in.Mailbox, in.Item, in.Container, in.Request); err != nil {
		return nil, err
	}
	return a.answeredWith(ctx, f, *in), nil
}

// answeredWith reads the version that an answer has made, which Microsoft does not tell.
// It gives nil where that is not known: the invitation is gone or cannot be read, or
// somebody has changed it meanwhile.
func (a *Act) answeredWith(ctx context.Context, f flow.Flow, in graphwarden.Intent) json.RawMessage {
	was, wanted := beforeOf(in), givenBy(in.Container)
	if wanted == "declined" || len(was.Said) == 0 {
		return nil
	}
	body, err := a.config.Reader.WholeEvent(ctx, f, in.Mailbox, in.Item, Mark)
	if now := item.GistUnanswered(body); err != nil || see(body).Response.Response != wanted || !bytes.Equal(now[:], was.Said) {
		return nil
	}
	return body
}

// givenBy says how an invitation stands that was answered.
func givenBy(answer string) string {
	return map[string]string{"accept": "accepted", "tentativelyAccept": "tentativelyAccepted", "decline": "declined"}[answer]
}

func (a *Act) lookCreated(ctx context.Context, f flow.Flow, in graphwarden.Intent) (sight, error) {
	list, err := a.config.Reader.FindEvents(ctx, f, in.Mailbox, in.Container, Mark, in.Mark)
	if err != nil {
		return sight{}, err
	}
	for _, body := range list {
		if s := see(body); s.mark() == in.Mark {
			return sight{present, s.ID, body}, nil
		}
	}
	return sight{verdict: absent}, nil
}

// lookDuplicate finds the event that Microsoft says was made before.
func (a *Act) lookDuplicate(ctx context.Context, f flow.Flow, in graphwarden.Intent, d *graph.DuplicateError) (sight, error) {
	if d.Existing != "" {
		body, err := a.config.Reader.WholeEvent(ctx, f, in.Mailbox, d.Existing, Mark)
		if err != nil {
			return sight{}, err
		}
		if s := see(body); s.ID != "" {
			return sight{present, s.ID, body}, nil
		}
	}
	s, err := a.lookCreated(ctx, f, in)
	if err == nil && s.verdict == absent {
		s.verdict = unclear // it was made, and is not where it was made
	}
	return s, err
}

// lookUpdated tells by the mark of the last write. Other writes of Graphwarden's
// wait for this one, and nobody else touches the mark.
func (a *Act) lookUpdated(ctx context.Context, f flow.Flow, in graphwarden.Intent) (sight, error) {
	body, err := a.config.Reader.WholeEvent(ctx, f, in.Mailbox, in.Item, Mark)
	if err != nil {
		return sight{}, err
	}
	s := see(body)
	switch {
	case body == nil:
		return sight{verdict: moved}, nil
	case s.mark() == in.Mark:
		return sight{present, in.Item, body}, nil
	case in.Version != "" && s.ETag != in.Version:
		return sight{moved, in.Item, body}, nil
	}
	return sight{absent, in.Item, body}, nil
}

func (a *Act) lookGone(ctx context.Context, f flow.Flow, in graphwarden.Intent) (sight, error) {
	body, err := a.config.Reader.WholeEvent(ctx, f, in.Mailbox, in.Item, Mark)
	if err != nil {
		return sight{}, err
	}
	s := see(body)
	switch {
	case body == nil, in.Kind == graphwarden.CancelEvent && s.Cancelled:
		return sight{present, in.Item, body}, nil
	case in.Version != "" && s.ETag != in.Version:
		return sight{moved, in.Item, body}, nil
	}
	return sight{absent, in.Item, body}, nil
}

func (a *Act) lookAnswered(ctx context.Context, f flow.Flow, in graphwarden.Intent) (sight, error) {
	body, err := a.config.Reader.WholeEvent(ctx, f, in.Mailbox, in.Item, Mark)
	if err != nil {
		return sight{}, err
	}
	now, was, wanted := see(body), beforeOf(in), givenBy(in.Container)
	switch {
	case body == nil && in.Container == "decline":
		return sight{present, in.Item, nil}, nil
	case body == nil:
		return sight{verdict: moved}, nil
	case now.Response.Response != wanted && now.ETag == was.ETag:
		return sight{absent, in.Item, body}, nil
	case now.Response.Response != wanted: // whoever moves a meeting asks everybody once more
		return sight{unclear, in.Item, body}, nil
	case was.Response != wanted, now.Response.Time.After(was.At):
		return sight{present, in.Item, body}, nil
	case now.ETag == was.ETag:
		return sight{absent, in.Item, body}, nil
	}
	return sight{unclear, in.Item, body}, nil
}

// duplicate says whether Microsoft refused a write because it has its effect.
func duplicate(err error) (*graph.DuplicateError, bool) {
	var d *graph.DuplicateError
	return d, errors.As(err, &d)
}
