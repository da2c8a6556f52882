# Things to build with /bin/sh alone: no nixpkgs, no network. What is random here differs in every build.
let
  build =
    name: script:
    derivation {
      inherit name;
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [ "-euc" script ];
      PATH = "/usr/bin:/bin";
    };
  random = name: bytes: build name "head -c ${toString bytes} /dev/urandom > $out";
  # Names differ, so that each call gives store paths of its own.
  batch =
    name: count: bytes:
    let
      members = builtins.genList (index: random "${name}-${toString index}" bytes) count;
    in
    build name (builtins.concatStringsSep "\n" (map (member: "echo ${member} >> $out") members));
in
rec {
  # Every kind of file, and file names that are trouble for somebody.
  leaf = build "leaf+odd=name?_1.0" ''
    mkdir $out $out/empty "$out/deep" "$out/deep/er"
    echo hello > $out/file
    : > $out/nothing
    printf '#!/bin/sh\necho hi\n' > $out/run
    chmod +x $out/run
    ln -s file $out/link
    ln -s ../nowhere $out/deep/dangling
    for name in 'a=b' 'c+d' 'e?f' 'two words' '%41' '#1' 'back\slash' "it's" '&amp;' '~' '-n' ; do
      echo "$name" > "$out/deep/er/$name"
    done
    echo umlaut > "$out/deep/$(printf '\303\244')"
    echo latin1 > "$out/deep/$(printf '\344')"
    echo lines > "$out/deep/$(printf 'one\ntwo')"
  '';
  # Refers to itself.
  middle = build "middle" "mkdir $out; echo ${leaf} > $out/dependency; echo $out > $out/self";
  top = build "top" "echo ${middle} > $out";

  word = build "word" "echo word > $out";
  # Small, by any name, with a reference and debugging information. (Nix 2.26 cannot list names that are not UTF-8.)
  named = name: build name ''
    mkdir -p $out/lib/debug/.build-id/ab
    echo ${word} > $out/dependency
    seq 1 1000 > $out/numbers
    ln -s numbers $out/link
    ln -s ${word} $out/outside
    echo ${name} > $out/lib/debug/.build-id/ab/cdef0123456789abcdef0123456789abcdef01.debug
    echo "building ${name}"
  '';

  big = build "big" "mkdir $out; head -c 6000000 /dev/urandom > $out/random";

  # A closure of 25 paths and some 25 MB, for pushes that something happens to.
  many = batch "many" 24 1000000;
  # Others like it, for more than one push.
  more = batch "more" 24 1000000;
  most = batch "most" 24 1000000;
  # More than a small disk holds.
  huge = batch "huge" 4 10000000;
  small = random "small" 1000;
  other = random "other" 1000;
}
