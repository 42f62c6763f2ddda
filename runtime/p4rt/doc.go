// Package p4rt is the client side of P4Runtime 1.5 for one device.
//
// In: an address, a device id, and how to get there ([Dial]).
// Out: the device's RPCs, with arbitration, deadlines, bounds on what is read, batches of writes with
// the error of every single update, and errors that say what to do.
// It must not know: bundles, policies, or which pipeline it carries.
//
// A client that writes becomes the primary first ([Client.BecomePrimary]). There is no flag for the
// election id: a client bids 1, and then one more than the highest that the device has seen. So the
// last one to come is the primary, and whoever was it before is told (P4Runtime 1.5, section 5).
package p4rt
