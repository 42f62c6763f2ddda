#!/bin/sh
# Installs the Debian packages that the labs use, where this may be done: as root, with apt-get.
# It never fails: what is missing afterwards, the tests that need it skip and say so.
want=""
command -v tshark >/dev/null || want="$want tshark"
command -v mn >/dev/null || want="$want mininet"
command -v ovs-vsctl >/dev/null || want="$want openvswitch-switch"
command -v brctl >/dev/null || want="$want bridge-utils"
command -v ip >/dev/null || want="$want iproute2"
/usr/bin/python3 -c 'import yaml' 2>/dev/null || want="$want python3-yaml"
[ -z "$want" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "packages: not installed (not root on Debian), so some tests will skip:$want"
	exit 0
fi
echo "packages: installing$want"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null 2>&1
# Services of these packages are not wanted here: policy-rc.d keeps them from starting.
policy=/usr/sbin/policy-rc.d
made=""
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' >$policy && chmod +x $policy && made=1
fi
# shellcheck disable=SC2086 # a list of words
apt-get install -y -qq --no-install-recommends $want >/dev/null 2>&1 || echo "packages: apt-get failed; some tests will skip:$want"
[ -n "$made" ] && rm -f $policy
exit 0
