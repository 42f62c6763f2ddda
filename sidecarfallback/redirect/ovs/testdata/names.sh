ovs-vsctl set Bridge br0 external_ids:pillion-redirect='"leaf2"'
ovs-vsctl -- --id=@agent create sFlow 'targets="192.0.2.1:6343"' 'sampling=100' 'header=256' 'polling=0' 'agent="lo"' 'external_ids:pillion-redirect="leaf2"' -- set Bridge br0 sflow=@agent
ovs-ofctl -O OpenFlow10 mod-port br0 h2 no-forward
ovs-ofctl -O OpenFlow10 mod-port br0 box no-flood
ovs-ofctl -O OpenFlow10 mod-port br0 box2 no-flood
ovs-ofctl -O OpenFlow10 mod-port br0 side no-flood
ovs-ofctl --bundle add-flows br0 - <<END
add cookie=0x70696c6c00000005, priority=65000,in_port=h2 actions=drop
add cookie=0x70696c6c00000001, priority=64000,in_port=box actions=output:side
add cookie=0x70696c6c00000001, priority=64000,in_port=box2 actions=push_vlan:0x8100,set_field:4197->vlan_vid,output:trunk
add cookie=0x70696c6c00000002, priority=64000,in_port=side actions=output:box
add cookie=0x70696c6c00000002, priority=64000,in_port=trunk,dl_vlan=101 actions=pop_vlan,output:box2
add cookie=0x70696c6c00000003, priority=63000,dl_vlan=101 actions=drop
add cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=h1,dl_src=02:00:00:00:01:01 actions=load:0x1->NXM_NX_REG15[0],resubmit(,0)
add cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=h1,dl_src=02:00:00:00:01:02 actions=load:0x1->NXM_NX_REG15[0],resubmit(,0)
add cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=h2,dl_src=02:00:00:00:01:03 actions=load:0x1->NXM_NX_REG15[0],resubmit(,0)
add cookie=0x70696c6c00000007, priority=62500,reg15=0/0x1,in_port=h1 actions=drop
add cookie=0x70696c6c00000007, priority=62500,reg15=0/0x1,in_port=h2 actions=drop
add cookie=0x70696c6c00000004, priority=62000,dl_dst=02:00:00:00:aa:01 actions=output:h1
add cookie=0x70696c6c00000004, priority=62000,dl_dst=02:00:00:00:aa:02 actions=output:trunk
END
ovs-appctl fdb/flush br0
