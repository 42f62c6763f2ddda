ovs-vsctl set Bridge br0 external_ids:pillion-redirect='"leaf2"'
ovs-vsctl -- --id=@agent create sFlow 'targets="192.0.2.1:6343"' 'sampling=100' 'header=256' 'polling=0' 'agent=[]' 'external_ids:pillion-redirect="leaf2"' -- set Bridge br0 sflow=@agent
ovs-ofctl -O OpenFlow10 mod-port br0 2 no-forward
ovs-ofctl -O OpenFlow10 mod-port br0 4 no-flood
ovs-ofctl -O OpenFlow10 mod-port br0 5 no-flood
ovs-ofctl -O OpenFlow10 mod-port br0 7 no-flood
ovs-ofctl --bundle add-flows br0 - <<END
add cookie=0x70696c6c00000005, priority=65000,in_port=2 actions=drop
add cookie=0x70696c6c00000001, priority=64000,in_port=4 actions=output:5
add cookie=0x70696c6c00000001, priority=64000,in_port=7 actions=push_vlan:0x8100,set_field:4197->vlan_vid,output:8
add cookie=0x70696c6c00000002, priority=64000,in_port=5 actions=output:4
add cookie=0x70696c6c00000002, priority=64000,in_port=8,dl_vlan=101 actions=pop_vlan,output:7
add cookie=0x70696c6c00000003, priority=63000,dl_vlan=101 actions=drop
add cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=1,dl_src=02:00:00:00:01:01 actions=load:0x1->NXM_NX_REG15[0],resubmit(,0)
add cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=1,dl_src=02:00:00:00:01:02 actions=load:0x1->NXM_NX_REG15[0],resubmit(,0)
add cookie=0x70696c6c00000006, priority=62501,reg15=0/0x1,in_port=2,dl_src=02:00:00:00:01:03 actions=load:0x1->NXM_NX_REG15[0],resubmit(,0)
add cookie=0x70696c6c00000007, priority=62500,reg15=0/0x1,in_port=1 actions=drop
add cookie=0x70696c6c00000007, priority=62500,reg15=0/0x1,in_port=2 actions=drop
add cookie=0x70696c6c00000004, priority=62000,dl_dst=02:00:00:00:aa:01 actions=output:1
add cookie=0x70696c6c00000004, priority=62000,dl_dst=02:00:00:00:aa:02 actions=output:8
END
ovs-appctl fdb/flush br0
