# A closure that is new in every round: a few files with packs of their own, and a chain of small ones between them.
{ round }:
let
  build =
    name: script:
    derivation {
      name = "${name}-of-round-${round}";
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [ "-euc" script ];
      PATH = "/usr/bin:/bin";
    };
  large = index: build "large-${toString index}" "head -c 1200000 /dev/urandom > $out";
  small =
    index:
    build "small-${toString index}" ''
      head -c 3000 /dev/urandom > $out
      echo ${large index} ${if index == 0 then "" else small (index - 1)} >> $out
    '';
in
small 4
