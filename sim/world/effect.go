package world

import "time"

// Effect is what one request really did to one object: a row of the truth
// ledger.
type Effect struct {
	Seq             uint64     `json:"seq"`
	Time            time.Time  `json:"time"`
	ClientRequestID string     `json:"client_request_id"`
	App             string     `json:"app"`
	Principal       string     `json:"principal"`
	Method          string     `json:"method"`
	Path            string     `json:"path"`
	Mailbox         string     `json:"mailbox"`
	Object          string     `json:"object"`
	Effect          EffectKind `json:"effect"`
	Status          int        `json:"status"`
}

// EffectKind is what was done.
type EffectKind string

// The kinds of effect.
const (
	Read   EffectKind = "read"
	Create EffectKind = "create"
	Update EffectKind = "update"
	Delete EffectKind = "delete"
	Send   EffectKind = "send"
	None   EffectKind = "none"
)
