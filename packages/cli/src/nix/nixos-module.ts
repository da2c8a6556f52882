/** `cachix.nix`, to be imported by the NixOS configuration: takes in a module for every cache in the folder beside it. */
export const cachixModule = `# Written by \`cachix use\`, which may write it again: keep your own settings elsewhere.
{ lib, ... }:

let
  folder = ./cachix;
  isModule = name: kind: kind == "regular" && lib.hasSuffix ".nix" name;
  modules = builtins.attrNames (lib.filterAttrs isModule (builtins.readDir folder));
in
{
  imports = map (name: folder + "/\${name}") modules;
}
`

export interface NixosCache {
  readonly uri: string
  readonly publicSigningKeys: readonly string[]
}

/** The module of one cache. NixOS joins its lists with those of other modules, so nothing is replaced. */
export function renderNixosModule({ uri, publicSigningKeys }: NixosCache): string {
  return `# Written by \`cachix use\`.
{
  nix.settings = {
    substituters = [ ${quote(uri)} ];
    trusted-public-keys = [ ${publicSigningKeys.map(quote).join(' ')} ];
  };
}
`
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\]|\$(?=\{)/g, String.raw`\$&`)}"`
}
