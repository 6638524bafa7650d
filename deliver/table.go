package deliver

import (
	"context"
	"encoding/json"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/item"
	"github.com/graphwarden/graphwarden/zone"
)

// put brings a table in line with deliveries, in one transaction with advance,
// so that a crash repeats a batch and never skips one.
func (c *courier) put(ctx context.Context, deliveries []graphwarden.Delivery, advance func(context.Context, graphwarden.Tx) error) error {
	rows := make([]graphwarden.CalendarItem, 0, len(deliveries))
	for _, d := range deliveries {
		if d.Change.Kind.OfConnection() {
			continue // a table holds items
		}
		rows = append(rows, c.row(d))
	}
	return c.commit(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := c.config.Books.PutItems(ctx, tx, c.target.Sink.Name, rows); err != nil {
			return err
		}
		if err := c.config.Books.NoteSink(ctx, tx, c.target.Sink.Name, len(rows), 0, ""); err != nil {
			return err
		}
		return advance(ctx, tx)
	})
}

// row gives a delivery as a row. What the sink may not see has none; its earlier
// row goes.
func (c *courier) row(d graphwarden.Delivery) graphwarden.CalendarItem {
	shown, wanted := c.target.Shape.Apply(d)
	if !wanted || len(shown.Change.Body) == 0 {
		return graphwarden.CalendarItem{Delivery: d, Gone: true}
	}
	body := shown.Change.Body
	var e struct {
		Type           string  `json:"type"`
		SeriesMasterID string  `json:"seriesMasterId"`
		Start          when    `json:"start"`
		End            when    `json:"end"`
		IsAllDay       *bool   `json:"isAllDay"`
		IsCancelled    *bool   `json:"isCancelled"`
		ShowAs         string  `json:"showAs"`
		Sensitivity    string  `json:"sensitivity"`
		Subject        *string `json:"subject"`
		Location       struct {
			DisplayName string `json:"displayName"`
		} `json:"location"`
		Organizer struct {
			EmailAddress struct {
				Address string `json:"address"`
			} `json:"emailAddress"`
		} `json:"organizer"`
	}
	_ = json.Unmarshal(body, &e) // what is of another kind than documented stays unknown
	row := graphwarden.CalendarItem{Delivery: shown, ETag: item.ETag(body), Type: e.Type, Series: e.SeriesMasterID,
		Start: e.Start.time(), End: e.End.time(), AllDay: e.IsAllDay, Cancelled: e.IsCancelled, ShowAs: e.ShowAs, Sensitivity: e.Sensitivity,
		Location: e.Location.DisplayName, Organizer: e.Organizer.EmailAddress.Address}
	if e.Subject != nil {
		row.Subject = *e.Subject
	}
	if !c.target.Shape.ByReference {
		row.Body = body
	}
	return row
}

// when is Graph's dateTimeTimeZone.
type when struct {
	DateTime string `json:"dateTime"`
	TimeZone string `json:"timeZone"`
}

// time gives the instant; zero when it is not understood.
func (w when) time() time.Time {
	where, err := zone.Load(w.TimeZone)
	if err != nil {
		return time.Time{}
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05.9999999", w.DateTime, where)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
