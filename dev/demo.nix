# Three small derivations that need nothing but /bin/sh: a greeting, a program that uses it and a folder of both.
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
  greeting = build "greeting" "echo 'Hello from a Nix store path.' > $out";
  hello = build "hello" ''
    mkdir -p $out/bin
    printf '#!/bin/sh\ncat ${greeting}\n' > $out/bin/hello
    chmod +x $out/bin/hello
  '';
in
build "demo-1.0" "mkdir -p $out/bin; ln -s ${hello}/bin/hello $out/bin/hello; head -c 3000000 /dev/urandom > $out/data"
