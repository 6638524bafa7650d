package act

import "github.com/graphwarden/graphwarden"

// checkProposal reads another time that somebody who answers proposes.
func checkProposal(r Respond) (map[string]any, error) {
	slot, no := readObject("proposed_new_time", r.Proposed)
	if no == nil {
		no = checkMembers("proposed_new_time", slot, map[string]check{"start": isMoment, "end": isMoment}, []string{"start", "end"})
	}
	if no != nil {
		return nil, no
	}
	start, _ := moment(slot["start"])
	end, _ := moment(slot["end"])
	switch {
	case !start.Before(end):
		return nil, refuse(graphwarden.Invalid, "act.times", "proposed_new_time.end", "proposed_new_time.end: it is not after the start.", "Send an end after the start.")
	case r.Answer == "accept":
		return nil, refuse(graphwarden.Invalid, "act.answer", "proposed_new_time", "Who accepts proposes no other time.", "Answer tentativelyAccept or decline.")
	case r.Silent:
		return nil, refuse(graphwarden.Invalid, "act.answer", "proposed_new_time", "Another time cannot be proposed without telling the organizer.", "Let the response be sent.")
	}
	return slot, nil
}
