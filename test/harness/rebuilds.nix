# A closure that is the same in every generation but for the store hashes in it, as after a mass rebuild: programs of
# random, but not new, bytes that name a library, and a profile of links.
{ generation }:
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
  # Without pattern, the same each time.
  bytes =
    seed: count:
    "openssl enc -aes-128-ctr -nosalt -iv 0 -K ${toString seed} -in /dev/zero 2> /dev/null | head -c ${toString count} || true";
  library = build "library" "echo ${generation} > /dev/null; mkdir $out; ${bytes 1 1500000} > $out/lib";
  program =
    seed:
    build "program-${toString seed}" ''
      mkdir $out
      { ${bytes (seed + 10) 700000}; echo ${library}/lib $out; ${bytes (seed + 50) 700000}; } > $out/bin
    '';
  programs = builtins.genList program 20;
in
build "profile" "mkdir $out; for each in ${toString programs}; do ln -s $each/bin $out/\${each##*-}; done"
