package act

import "github.com/graphwarden/graphwarden"

// checkProposal reads another time that somebody who answers proposes.
func checkProposal(r Respond) (map[string]any, error) {
	slot, no := readObject("proposedNewTime", r.Proposed)
	if no == nil {
		no = checkMembers("proposedNewTime", slot, map[string]check{"start": isMoment, "end": isMoment}, []string{"start", "end"})
	}
	if no != nil {
		return nil, no
	}
	start, _ := moment(slot["start"])
	end, _ := moment(slot["end"])
	switch {
	case !start.Before(end):
		return nil, refuse(graphwarden.Invalid, "act.times", "proposedNewTime.end", "proposedNewTime.end: it is not after the start.", "Send an end after the start.")
	case r.Answer == "accept":
		return nil, refuse(graphwarden.Invalid, "act.answer", "proposedNewTime", "Who accepts proposes no other time.", "Answer tentativelyAccept or decline.")
	case r.Silent:
		return nil, refuse(graphwarden.Invalid, "act.answer", "proposedNewTime", "Another time cannot be proposed without telling the organizer.", "Let the response be sent.")
	}
	return slot, nil
}
