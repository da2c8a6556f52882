# Builds one package of default.nix, which says how in variables. What nixpkgs does to every package is done here too: a
# compiler that knows the dependencies, no ids, dates or directories of the build in what it makes, scripts that name
# their interpreter by its store path.

export HOME="$NIX_BUILD_TOP" TMPDIR="$NIX_BUILD_TOP" CC=cc CFLAGS=-O2
# Whatever a configure script finds on this machine, it must not be a library that is not an input.
export PKG_CONFIG_LIBDIR=/none

wrap_compiler() {
  compile="-ffile-prefix-map=$NIX_BUILD_TOP=/build -frandom-seed=$(basename "$out" | cut -c 1-32)"
  link="-Wl,--build-id=$buildId -Wl,-rpath,$out/lib"
  if [ -n "$base" ]; then
    link="$link -Wl,--dynamic-linker,$base/lib/ld.so -L$base/lib -Wl,-rpath,$base/lib -Wl,--no-as-needed -lbase -Wl,--as-needed"
  fi
  for input in $inputs; do
    compile="$compile -isystem $input/include"
    link="$link -L$input/lib -Wl,-rpath,$input/lib"
  done
  mkdir "$NIX_BUILD_TOP/wrapped"
  for name in cc gcc; do
    printf '#!/bin/sh\nexec /usr/bin/gcc %s "$@" %s\n' "$compile" "$link" >"$NIX_BUILD_TOP/wrapped/$name"
    chmod +x "$NIX_BUILD_TOP/wrapped/$name"
  done
  export PATH="$NIX_BUILD_TOP/wrapped:$PATH"
}

unpack() {
  mkdir "$NIX_BUILD_TOP/source"
  cd "$NIX_BUILD_TOP/source"
  if [ -n "${src:-}" ]; then tar --extract --file "$src" --strip-components 1 --no-same-owner; fi
}

# #!/bin/sh, #! /usr/bin/perl -w, #!/usr/bin/env bash and the like.
name_interpreters() {
  grep -rlIE '^#! ?/(usr/)?bin/' "$out" | while read -r script; do
    sed -i -E "1s|^#! ?/(usr/)?bin/(env +)?|#!$base/bin/|" "$script"
  done
}

strip_programs() {
  find "$out" -type f \( -path '*/bin/*' -o -name '*.so*' -o -name '*.a' \) -exec \
    strip --strip-debug --preserve-dates --enable-deterministic-archives {} + 2>/dev/null || true
}

# nixpkgs moves manual pages to an output of its own and compresses them.
compress_manual() {
  mkdir -p "$out/share"
  if [ ! -d "$1/share/man" ]; then return; fi
  cp -r "$1/share/man" "$out/share/man"
  chmod -R u+w "$out/share/man"
  find "$out/share/man" -type l | while read -r link; do
    ln -s "$(readlink "$link").gz" "$link.gz" && rm "$link"
  done
  find "$out/share/man" -type f -exec gzip -9 --no-name {} +
}

link_all() {
  for package; do
    (cd "$package" && find . -type d) | (mkdir -p "$out" && cd "$out" && xargs mkdir -p)
    (cd "$package" && find . ! -type d) | while read -r file; do
      [ -e "$out/$file" ] || [ -h "$out/$file" ] || ln -s "$package/${file#./}" "$out/$file"
    done
  done
}

wrap_compiler
unpack
eval "$configure"
eval "$make"
eval "$install"
if [ -n "${src:-}" ]; then
  name_interpreters
  strip_programs
fi
