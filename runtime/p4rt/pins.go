//go:build pins

package p4rt

// p4runtime 1.5.0 asks for an old root module genproto, which collides with the split one that grpc needs. This
// import, which no build uses, keeps a root module without the collision in go.mod.
import _ "google.golang.org/genproto/googleapis/type/calendarperiod"
