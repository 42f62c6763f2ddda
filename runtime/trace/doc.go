// Package trace shows the way of one packet through a bundle.
//
// In: a bundle, and the two ends of a conversation ([Request]). Out: a [Result] with every hop, the tables that it
// asked, the entities that were hit in words, the statements that they came from, middleboxes, and the
// verdict; as text or JSON. Nothing is sent: the packet runs in this process (runtime/simulate).
//
// It must not know policies: what there is to say about statements, the bundle's provenance says.
package trace
