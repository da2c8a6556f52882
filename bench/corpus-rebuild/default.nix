# Real packages, built as nixpkgs builds them: each knows its dependencies by their store paths, in RPATHs, scripts and
# pkg-config files, and all of them need `base`, as all of nixpkgs needs the C library. Another `edition` changes one byte
# of base, and with it the store path of everything.
{
  # Where fetch-sources has put them.
  sources,
  edition ? "1",
  # Whether the linker gives each program and library an id: a digest of its contents, store hashes included.
  buildIds ? false,
}:
let
  archive =
    file:
    builtins.path {
      path = sources + "/${file}";
      name = file;
    };

  build =
    name: attributes:
    derivation (
      {
        inherit name;
        system = builtins.currentSystem;
        builder = "/bin/sh";
        args = [
          "-eu"
          ./build-package.sh
        ];
        PATH = "/usr/bin:/bin";
        LC_ALL = "C";
        SOURCE_DATE_EPOCH = "1";
        buildId = if buildIds then "sha1" else "none";
        inputs = [ ];
      }
      // attributes
    );

  package =
    name: attributes:
    build name (
      {
        inherit base;
        configure = "./configure --prefix=$out ${toString (attributes.configureFlags or [ "--disable-static" ])}";
        make = "make -j2";
        install = "make install";
      }
      // attributes
    );

  # What nixpkgs has the C library and the shell for: an interpreter for programs, one for scripts, and a library.
  base = build "base-1.0" {
    base = "";
    configure = "";
    make = "";
    install = ''
      mkdir -p $out/bin $out/lib $out/share
      echo "edition ${edition}" > $out/share/edition
      for program in sh bash perl python3; do ln -s /usr/bin/$program $out/bin/$program; done
      ln -s "$(readelf --program-headers /bin/sh | sed -n 's/.*interpreter: \(.*\)]/\1/p')" $out/lib/ld.so
      echo 'const char *base_version(void) { return "1.0"; }' > base.c
      cc -shared -fPIC -Wl,-soname,libbase.so.1 base.c -o $out/lib/libbase.so.1
      ln -s libbase.so.1 $out/lib/libbase.so
    '';
  };

  zlib = package "zlib-1.2.13" {
    src = archive "zlib.tar.bz2";
    configureFlags = [ ];
  };

  bzip2 = package "bzip2-1.0.8" {
    src = archive "bzip2.tar.gz";
    configure = "";
    make = "make -j2 libbz2.a bzip2 bzip2recover";
    install = ''
      make install PREFIX=$out
      mkdir $out/share && mv $out/man $out/share/man
      make clean && make -f Makefile-libbz2_so
      cp -P libbz2.so.1.0* $out/lib/ && ln -s libbz2.so.1.0 $out/lib/libbz2.so
    '';
  };

  xz = package "xz-5.4.1" {
    src = archive "xz-utils.tar.xz";
    configureFlags = [
      "--disable-static"
      "--disable-nls"
      "--disable-doc"
    ];
  };

  lz4 = package "lz4-1.9.4" {
    src = archive "lz4.tar.gz";
    configure = "";
    make = "make -j2 PREFIX=$out BUILD_STATIC=no";
    install = "make install PREFIX=$out BUILD_STATIC=no";
  };

  zstd = package "zstd-1.5.4" {
    src = archive "libzstd.tar.xz";
    inputs = [
      zlib
      xz
      lz4
    ];
    configure = "";
    make = ''
      make -j2 -C lib libzstd ZSTD_LEGACY_SUPPORT=0
      make -j2 -C programs zstd-dll HAVE_ZLIB=1 HAVE_LZMA=1 HAVE_LZ4=1 ZSTD_LEGACY_SUPPORT=0 \
        ZSTDLIB_LOCAL_SRC="xxhash.c pool.c threading.c zstd_common.c error_private.c"
    '';
    install = ''
      make -C lib install-pc install-shared install-includes PREFIX=$out
      mkdir -p $out/bin $out/share/man/man1
      cp programs/zstd programs/zstdgrep programs/zstdless $out/bin/
      ln -s zstd $out/bin/unzstd && ln -s zstd $out/bin/zstdcat
      cp programs/*.1 $out/share/man/man1/
    '';
  };

  libpng = package "libpng-1.6.39" {
    src = archive "libpng1.6.tar.gz";
    inputs = [ zlib ];
  };

  ncurses = package "ncurses-6.4" {
    src = archive "ncurses.tar.gz";
    configureFlags = [
      "--with-shared"
      "--without-normal"
      "--with-manpage-format=normal"
      "--without-debug"
      "--without-ada"
      "--without-tests"
      "--without-cxx"
      "--without-cxx-binding"
      "--enable-widec"
      "--enable-pc-files"
      "--with-pkg-config-libdir=$out/lib/pkgconfig"
      "--with-tic-path=/usr/bin/tic"
    ];
  };

  readline = package "readline-8.2" {
    src = archive "readline.tar.gz";
    inputs = [ ncurses ];
    configureFlags = [
      "--disable-static"
      "--with-curses"
      "--disable-install-examples"
    ];
    make = "make -j2 SHLIB_LIBS=-lncursesw";
  };

  less = package "less-590" {
    src = archive "less.tar.gz";
    inputs = [
      ncurses
      pcre2
    ];
    configureFlags = [ "--with-regex=pcre2" ];
  };

  lua = package "lua-5.4.4" {
    src = archive "lua5.4.tar.gz";
    inputs = [
      readline
      ncurses
    ];
    configure = "sed -i \"s|/usr/local/|$out/|\" src/luaconf.h";
    make = "make -j2 linux-readline";
    install = ''
      make install INSTALL_TOP=$out INSTALL_MAN=$out/share/man/man1
      rm -r $out/lib
    '';
  };

  pcre2 = package "pcre2-10.42" {
    src = archive "pcre2.tar.gz";
    inputs = [
      zlib
      bzip2
    ];
    configureFlags = [
      "--disable-static"
      "--enable-pcre2grep-libz"
      "--enable-pcre2grep-libbz2"
    ];
  };

  file = package "file-5.44" {
    src = archive "file.tar.gz";
    inputs = [
      zlib
      bzip2
      xz
    ];
  };

  tree = package "tree-2.1.0" {
    src = archive "tree.tar.gz";
    configure = "";
    install = "make install PREFIX=$out MANDIR=$out/share/man";
  };

  # A script, wrapped as nixpkgs wraps those that need other programs.
  pass = package "password-store-1.7.4" {
    src = archive "password-store.tar.xz";
    configure = "";
    make = "";
    install = ''
      make install PREFIX=$out WITH_ALLCOMP=yes
      mv $out/bin/pass $out/bin/.pass-wrapped
      printf '#!/bin/sh\nexport PATH=%s:$PATH\nexec %s "$@"\n' \
        ${tree}/bin:${less}/bin:$out/bin $out/bin/.pass-wrapped > $out/bin/pass
      chmod +x $out/bin/pass
    '';
  };

  # Python modules, compiled: each names its own source file.
  jinja2 = package "python3-jinja2-3.1.2" {
    src = archive "jinja2.tar.gz";
    configure = "";
    make = "";
    install = ''
      mkdir -p $out/lib/python3/site-packages
      cp -r src/jinja2 $out/lib/python3/site-packages/
      python3 -m compileall -q $out/lib/python3/site-packages
    '';
  };

  # A sample for ids of the linker, of what builds quickly.
  sample = [
    base
    zlib
    bzip2
    lz4
    libpng
    tree
  ];
  all =
    if buildIds then
      sample
    else
      sample
      ++ [
        xz
        zstd
        ncurses
        readline
        less
        lua
        pcre2
        file
        pass
        jinja2
      ];

  together =
    name: attributes:
    build name (
      {
        inherit base;
        configure = "";
        make = "";
      }
      // attributes
    );
in
{
  # One tree of links to all files of all packages, as in a user's profile or a system's /sw.
  environment = together "environment" {
    packages = all;
    install = "link_all $packages";
  };

  # The manual pages compressed, in packages of their own.
  manuals = together "manuals" {
    manuals = map (
      package:
      together "${package.name}-man" {
        inherit package;
        install = "compress_manual $package";
      }
    ) all;
    install = "mkdir $out; for manual in $manuals; do ln -s $manual $out/\${manual#*-}; done";
  };
}
