package interop

import (
	"fmt"
	"testing"

	"github.com/microsoftgraph/msgraph-sdk-go/communications"
)

// TestPresence reads what Teams shows of people as the blueprint's flow with teams: true
// does: of several at once, and of one (api/cloudcommunications-getpresencesbyuserid,
// api/presence-get).
func TestPresence(t *testing.T) {
	x, ctx := open(t), t.Context()
	busy, away := x.Users[17], x.Users[18]
	x.steer(t, "presence", fmt.Sprintf(`{"user": %q, "availability": "Busy", "activity": "InACall"}`, busy.ID))
	c := x.as(t, "presence")
	form := communications.NewGetPresencesByUserIdPostRequestBody()
	form.SetIds([]string{busy.ID, away.ID})
	found, err := c.Communications().GetPresencesByUserId().PostAsGetPresencesByUserIdPostResponse(ctx, form, nil)
	fine(t, err)
	said := map[string]string{}
	for _, p := range found.GetValue() {
		said[value(p.GetId())] = value(p.GetAvailability()) + " " + value(p.GetActivity())
	}
	if len(said) != 2 || said[busy.ID] != "Busy InACall" || said[away.ID] == "" || said[away.ID] == said[busy.ID] {
		t.Errorf("of %s and %s it is said %v", busy.ID, away.ID, said)
	}
	one, err := c.Users().ByUserId(busy.ID).Presence().Get(ctx, nil)
	fine(t, err)
	if value(one.GetAvailability()) != "Busy" {
		t.Errorf("of one it is said %q", value(one.GetAvailability()))
	}
}
