// Package faulty makes things fail on cue, in tests only. It promises that a cut
// falls exactly where the plan says, before or after the effect, and that a plan
// whose cut never fell fails its test. It invents no failure of its own.
package faulty
