package interop

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/microsoftgraph/msgraph-sdk-go/models"
)

// letter is one notification as concepts/change-notifications-delivery-webhooks
// describes it.
type letter struct {
	SubscriptionID string `json:"subscriptionId"`
	ClientState    string `json:"clientState"`
	ChangeType     string `json:"changeType"`
	Resource       string `json:"resource"`
	TenantID       string `json:"tenantId"`
	ResourceData   struct {
		Type string `json:"@odata.type"`
		ID   string `json:"id"`
	} `json:"resourceData"`
}

// receiver answers the validation and passes on what it is sent.
func receiver(t *testing.T) (address string, letters <-chan letter) {
	t.Helper()
	got := make(chan letter, 100)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if token := r.URL.Query().Get("validationToken"); token != "" {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, token)
			return
		}
		var post struct{ Value []letter }
		if err := json.NewDecoder(r.Body).Decode(&post); err != nil {
			http.Error(w, "no JSON", http.StatusBadRequest)
			return
		}
		for _, l := range post.Value {
			got <- l
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

// next waits for a notification of a kind.
func next(t *testing.T, letters <-chan letter, kind string) letter {
	t.Helper()
	for limit := time.After(time.Minute); ; {
		select {
		case l := <-letters:
			if l.ChangeType == kind {
				return l
			}
		case <-limit:
			t.Fatalf("no notification of %s within 20 seconds", kind)
		}
	}
}

// subscription asks for changes of a person's events.
func subscription(who user, address string, life time.Duration) models.Subscriptionable {
	s := models.NewSubscription()
	s.SetResource(new("/users/" + who.ID + "/events"))
	s.SetChangeType(new("created,updated,deleted"))
	s.SetNotificationUrl(&address)
	s.SetClientState(new("interop-secret"))
	s.SetExpirationDateTime(new(time.Now().Add(life).UTC().Truncate(time.Second)))
	return s
}

func TestSubscriptions(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[17]
	address, letters := receiver(t)
	form := subscription(who, address, 2*time.Hour)
	made, err := c.Subscriptions().Post(ctx, form, nil) // api/subscription-post-subscriptions
	fine(t, err)
	own := c.Subscriptions().BySubscriptionId(value(made.GetId()))
	events := c.Users().ByUserId(who.ID).Events()

	t.Run("the answer says whose it is", func(t *testing.T) {
		if value(made.GetApplicationId()) != x.app(t, "everything").ClientID || !made.GetExpirationDateTime().Equal(*form.GetExpirationDateTime()) {
			t.Errorf("of %s until %s", value(made.GetApplicationId()), made.GetExpirationDateTime())
		}
		list, err := c.Subscriptions().Get(ctx, nil) // api/subscription-list
		fine(t, err)
		if len(list.GetValue()) != 1 || value(list.GetValue()[0].GetId()) != value(made.GetId()) {
			t.Errorf("%d subscriptions are listed", len(list.GetValue()))
		}
	})
	t.Run("creating, changing and deleting an event is told", func(t *testing.T) {
		event, err := events.Post(ctx, meeting("Interop told", day(480)), nil)
		fine(t, err)
		l := next(t, letters, "created")
		if l.SubscriptionID != value(made.GetId()) || l.ClientState != "interop-secret" || l.TenantID != x.Tenant.ID {
			t.Errorf("%+v", l)
		}
		if l.ResourceData.ID != value(event.GetId()) || !strings.EqualFold(l.ResourceData.Type, "#Microsoft.Graph.Event") || !strings.Contains(l.Resource, l.ResourceData.ID) {
			t.Errorf("%+v is not about event %s", l, value(event.GetId()))
		}
		change := models.NewEvent()
		change.SetSubject(new("Interop told again"))
		_, err = events.ByEventId(value(event.GetId())).Patch(ctx, change, nil)
		fine(t, err)
		next(t, letters, "updated")
		fine(t, events.ByEventId(value(event.GetId())).Delete(ctx, nil))
		if l := next(t, letters, "deleted"); l.ResourceData.ID != value(event.GetId()) {
			t.Errorf("deleted was %s", l.ResourceData.ID)
		}
	})
	t.Run("it is renewed and deleted", func(t *testing.T) { // api/subscription-update, api/subscription-delete
		until := time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)
		change := models.NewSubscription()
		change.SetExpirationDateTime(&until)
		after, err := own.Patch(ctx, change, nil)
		fine(t, err)
		if !after.GetExpirationDateTime().Equal(until) {
			t.Errorf("it expires %s, want %s", after.GetExpirationDateTime(), until)
		}
		fine(t, own.Delete(ctx, nil))
		_, err = own.Get(ctx, nil)
		refused(t, err, http.StatusNotFound, "ResourceNotFound")
	})
}

func TestSubscriptionIsRefused(t *testing.T) {
	x, ctx := open(t), t.Context()
	c, who := x.as(t, "everything"), x.Users[17]
	address, _ := receiver(t)
	deaf := httptest.NewServer(http.NotFoundHandler())
	defer deaf.Close()
	for name, form := range map[string]models.Subscriptionable{
		"a receiver that does not validate": subscription(who, deaf.URL, time.Hour),     // 4.3 of the webhooks page
		"more than seven days":              subscription(who, address, 8*24*time.Hour), // resources/subscription
		"an expiry in the past":             subscription(who, address, -5*time.Minute), // resources/subscription
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.Subscriptions().Post(ctx, form, nil)
			refused(t, err, http.StatusBadRequest)
		})
	}
	_, err := x.as(t, "nothing").Subscriptions().Post(ctx, subscription(who, address, time.Hour), nil)
	refused(t, err, http.StatusForbidden)
}
