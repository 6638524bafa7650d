package world

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// ItemID names an item or a folder of a mailbox. Clients see it in one of
// Exchange's formats, each of which can be computed from any other.
type ItemID struct {
	Mailbox string // object id of the owner
	// Key is the item's key in the simulator's tables, the same in every format:
	// 22 characters, and ".2026-11-21" behind them for the occurrence that a
	// series has on that date.
	Key    string
	Folder bool
	// Moves is how often the item was put into another folder: by default its id is
	// another one then, the immutable id is not (graph-facts §2.5).
	Moves uint32
}

// IDFormat is one of Microsoft Graph's exchangeIdFormat.
type IDFormat string

// The formats of ids (Microsoft Graph, exchangeIdFormat enumeration).
const (
	EntryID          IDFormat = "entryId"
	EwsID            IDFormat = "ewsId"
	ImmutableEntryID IDFormat = "immutableEntryId"
	RestID           IDFormat = "restId"
	RestImmutableID  IDFormat = "restImmutableEntryId"
)

// NewKey draws the key of a new item.
func NewKey(tx *state.Tx) string {
	b := tx.Bytes()
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// KeyOf derives the key of an item that needs no storing, such as a mailbox's
// default calendar, from names that say which one it is.
func KeyOf(names ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// ChangeKey names a version of an item or folder, as Exchange's change keys do
// (graph-facts §2.5).
func ChangeKey(mailbox string, version uint64) string {
	sum := sha256.Sum256([]byte(mailbox))
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(sum[:14], version))
}

// dayZero is 1 January 1970 counted in days from 1 January of year 1, so that
// the number of a day is never zero.
const dayZero = 719162

// The parts of Exchange's ids: how they begin, what kind of entry they hold
// (MS-OXCDATA §2.2.4), and where the item stands in it.
const (
	longPrefix  = "\x00\x03\x24\x00" // the mailbox follows, in 36 characters
	shortPrefix = "\x00\x09\x00\x2e\x00"
	longStore   = "\x00\x00\x00\x00\x6d\x10\x2f\x8b\x41\x9a\x4d\x0e\x9c\x55\x7b\x20\x3e\xd1\x64\xa8"
	shortStore  = "\x00\x00\x00\x00\x1d\x84\x03\x11\xaa\x66\x11\xcd\x9b\xc8\x00\xaa\x00\x2f\x84\x5a"
	message     = "\x07\x00"
	folder      = "\x01\x00"
	immutable   = "\x0d\x00"
)

// Rest is the id as Graph writes it by default; a folder has no other.
func (id ItemID) Rest() string { return id.Format(RestID) }

// Immutable is the id that a client gets who asks for IdType="ImmutableId"
// (graph-facts §2.5). Ids of folders are stable anyway.
func (id ItemID) Immutable() string {
	if id.Folder {
		return id.Rest()
	}
	return id.Format(RestImmutableID)
}

// Stable says whether ids of the format stay when the item is moved.
func (f IDFormat) Stable() bool { return f == RestImmutableID || f == ImmutableEntryID }

// Format writes the id in one of Exchange's formats. The REST formats differ
// from the others in their alphabet alone: they stand in paths.
func (id ItemID) Format(f IDFormat) string {
	switch f {
	case EntryID:
		return restAlphabet.EncodeToString([]byte(id.entry()))
	case ImmutableEntryID:
		return restAlphabet.EncodeToString([]byte(shortStore + immutable + id.body(0)))
	case RestImmutableID:
		return restAlphabet.EncodeToString([]byte(shortPrefix + shortStore + immutable + id.body(0)))
	}
	entry := id.entry()
	long := longPrefix + id.Mailbox + string([]byte{byte(len(entry)), 0}) + entry
	if f == EwsID {
		return base64.StdEncoding.EncodeToString([]byte(long))
	}
	return restAlphabet.EncodeToString([]byte(long))
}

// ParseItemID reads an id in any of the formats and says in which it was. Entry
// ids do not name the mailbox. It does not know whether the item exists.
func ParseItemID(s string) (id ItemID, f IDFormat, ok bool) {
	if b, err := restAlphabet.DecodeString(s); err == nil {
		id, f, ok = parseREST(string(b))
	} else if b, err := base64.StdEncoding.DecodeString(s); err == nil {
		id, ok = parseLong(string(b))
		f = EwsID
	}
	if !ok || id.Format(f) != s {
		return ItemID{}, "", false
	}
	return id, f, true
}

func parseREST(b string) (ItemID, IDFormat, bool) {
	if !strings.HasPrefix(b, longPrefix) {
		return parseShort(b)
	}
	id, ok := parseLong(b)
	return id, RestID, ok
}

func parseLong(b string) (ItemID, bool) {
	if len(b) < 42 || !strings.HasPrefix(b, longPrefix) || int(b[40]) != len(b)-42 {
		return ItemID{}, false
	}
	id, ok := parseEntry(b[42:])
	id.Mailbox = b[4:40]
	return id, ok
}

func parseShort(b string) (ItemID, IDFormat, bool) {
	rest, prefixed := strings.CutPrefix(b, shortPrefix)
	body, isImmutable := strings.CutPrefix(rest, shortStore+immutable)
	switch {
	case isImmutable && prefixed:
		id, ok := parseBody(body)
		return id, RestImmutableID, ok
	case isImmutable:
		id, ok := parseBody(body)
		return id, ImmutableEntryID, ok
	}
	id, ok := parseEntry(b)
	return id, EntryID, ok
}

// entry is the item's long-term entry: a message behind its folder, or a folder.
func (id ItemID) entry() string {
	if id.Folder {
		return longStore + folder + id.body(id.Moves)
	}
	return longStore + message + strings.Repeat("\x00", 24) + id.body(id.Moves)
}

func parseEntry(b string) (ItemID, bool) {
	if body, ok := strings.CutPrefix(b, longStore+folder); ok {
		id, ok := parseBody(body)
		id.Folder = true
		return id, ok
	}
	body, ok := strings.CutPrefix(b, longStore+message+strings.Repeat("\x00", 24))
	if !ok {
		return ItemID{}, false
	}
	return parseBody(body)
}

// body is the key in 24 bytes: the item, the date of an occurrence in days, and how
// often it was moved.
func (id ItemID) body(moves uint32) string {
	item, date, _ := strings.Cut(id.Key, ".")
	b, err := base64.RawURLEncoding.DecodeString(item)
	if err != nil || len(b) != 16 {
		b = make([]byte, 16)
	}
	var days uint32
	if t, err := time.Parse(time.DateOnly, date); err == nil {
		days = uint32(t.Unix()/(24*60*60) + dayZero)
	}
	b = binary.BigEndian.AppendUint32(b, days)
	return string(binary.BigEndian.AppendUint32(b, moves))
}

func parseBody(b string) (ItemID, bool) {
	if len(b) != 24 {
		return ItemID{}, false
	}
	key := base64.RawURLEncoding.EncodeToString([]byte(b[:16]))
	if days := binary.BigEndian.Uint32([]byte(b[16:20])); days > 0 {
		key += "." + time.Unix((int64(days)-dayZero)*24*60*60, 0).UTC().Format(time.DateOnly)
	}
	return ItemID{Key: key, Moves: binary.BigEndian.Uint32([]byte(b[20:]))}, true
}

// restAlphabet is base64 with '_' for '+' and '-' for '/' (Microsoft Graph,
// "Convert between REST and EWS ids").
var restAlphabet = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-").Strict()
