"""Help as programs of many kinds print it, written in their styles."""

ARGPARSE = """\
usage: backup make [-h] [--level {fast,best}] [--keep N] [-v] --target TARGET
                   [--label LABEL [LABEL ...]]
                   name [extra ...]

Make a backup.

positional arguments:
  name                  what to back up
  extra                 more of it

options:
  -h, --help            show this help message and exit
  --level {fast,best}   how hard to compress
  --keep N              generations to keep (default: 7)
  -v, --verbose         say more; may be repeated
  --target TARGET       where to, such as
                        -1 for the last place
  --label LABEL [LABEL ...]
                        words to find it by
"""

ARGPARSE_SUBCOMMANDS = """\
usage: backup [-h] [--config FILE] {make,list,drop} ...

Keeps copies.

positional arguments:
  {make,list,drop}  what to do
    make            make a backup
    list            list backups
                    of all times

options:
  -h, --help        show this help message and exit
  --config FILE     configuration
"""

CLICK = """\
Usage: deploy push [OPTIONS] IMAGE [TAGS]...

  Push an image
  to the registry.

Options:
  -c, --count INTEGER             How often.  [default: 1]
  --ratio FLOAT RANGE             How much.  [0<=x<=1]
  --format [json|yaml|table]      Output.  [default: table]
  --cache / --no-cache            Use the cache.
  -n, --name TEXT                 A name.  [required]
  --tag TEXT                      Can be used multiple times.
  --help                          Show this message and exit.
"""

CLICK_GROUP = """\
Usage: deploy [OPTIONS] COMMAND [ARGS]...

  Deploys things.

Options:
  --version  Show the version and exit.
  --help     Show this message and exit.

Commands:
  push      Push an image to a registry whose name is so long that it goes
            on here.
  roll-out  Roll it out.
"""

TYPER = """\

 Usage: notes add [OPTIONS] TITLE

 Add a note.

╭─ Arguments ──────────────────────────────────────────────╮
│ *    title      TEXT  Its title [default: None]          │
╰──────────────────────────────────────────────────────────╯
╭─ Options ────────────────────────────────────────────────╮
│ *  --body       -b      TEXT     Its text [required]     │
│    --priority           INTEGER  How urgent [default: 3] │
│    --pin            --no-pin     Keep it on top          │
│    --help                        Show this message and   │
│                                  exit.                   │
╰──────────────────────────────────────────────────────────╯
"""

COBRA_GROUP = """\
Controls the fleet.

Usage:
  fleet [command]

Basic Commands:
  get         Show things
  scale       Change a number

Additional Commands:
  completion  Generate the autocompletion script for the specified shell
  help        Help about any command

Flags:
  -h, --help               help for fleet
      --kubeconfig string  path to a file

Use "fleet [command] --help" for more information about a command.
"""

COBRA = """\
Show things.

Examples:
  # Show them all
  fleet get --all

Usage:
  fleet get KIND [NAME] [flags]

Flags:
  -A, --all                  everything
  -o, --output string        output format. One of: (json, yaml) (default "yaml")
      --limit int            how many (default 10)
  -l, --label stringArray    labels to match
      --since duration       how old
      --weight float32       how heavy
  -h, --help                 help for get

Global Flags:
      --debug   say everything
"""

KUBECTL = """\
Show things.

Examples:
  # List them
  fleet pods

Options:
    -A, --all=false:
\tIf present, list them all.

    --limit=500:
\tAt most so many.

    -o, --output='':
\tOutput format. One of: (json, yaml).

    -f, --file=[]:
\tFiles.

    --where='here':
\tPlace.

Usage:
  fleet pods [(-o|--output=)json|yaml] (KIND [NAME | -l label] | KIND/NAME ...) [flags] [options]

Use "fleet options" for a list of global command-line options (applies to all commands).
"""

CLAP = """\
Finds text

Usage: find-text [OPTIONS] <PATTERN> [PATH]...

Arguments:
  <PATTERN>
          What to find

  [PATH]...
          Where to look

Options:
  -i, --ignore-case
          Upper and lower case are the same

      --color <WHEN>
          When to use colours

          Possible values:
          - auto:   on a terminal
          - always: everywhere
          - never

  -v, --verbose...
          Say more

  -j, --threads <NUM>
          [default: 4]

      --sort <BY>  Order [possible values: path, size]

  -h, --help
          Print help (see a summary with '-h')
"""

CLAP_EITHER = """\
Compiles

Usage: pack compile [OPTIONS] <FILE|--group <GROUP>>

Options:
      --group <GROUP>  One group
  -h, --help           Print help
"""

GNU = """\
Usage: squeeze [OPTION]... [FILE]...
Squeeze FILEs into an archive.

Examples:
  squeeze -c a b     # make one
  --odd              not an option but an example

 Main operation mode:
  -c, --create               make an archive
  -x, --extract, --get       take files out

 Other:
  -C DIR, --directory=DIR    work in DIR,
                             -which must exist
      --color[=WHEN]         colours; WHEN is 'always' or 'never'
  -I                         same as --ignore
      --level=NUMBER         from 0 to 9
      --help                 show this
  -h, --human                sizes for people

Report bugs to <bugs@example.com>.
"""

GIT = """\
usage: vcs log [<options>] [<revision-range>] [[--] <path>...]
   or: vcs show [<options>] <object>...

    -q, --quiet           suppress output
    --[no-]color[=<when>] colours
    --[no-]notes          show notes
    -L <range:file>       lines
    --decorate[=...]      decorate
    -n, --max-count <n>   how many
"""

GIT_GROUP = """\
usage: vcs [-v | --version] [-C <path>] [--namespace=<name>]
           <command> [<args>]

These are common commands used in various situations:

start a working area (see also: vcs help tutorial)
   clone     Clone a repository
   init      Create an empty one

examine the history
   log       Show it

'vcs help -a' lists available subcommands.
"""

STASH = """\
usage: vcs stash list [<options>]
   or: vcs stash drop [-q | --quiet] [<stash>]
   or: vcs stash [push [-p] [--] [<pathspec>...]]
   or: vcs stash save [-S[<keyid>]] [<message>]

    -q, --quiet   say nothing
"""

DOCOPT = """\
Naval Fate.

Usage:
  naval ship new <name>...
  naval ship <name> move <x> <y> [--speed=<kn>]
  naval mine (set|remove) <x> <y> [--moored|--drifting]
  naval -h | --help

Options:
  -h --help     Show this screen.
  --speed=<kn>  Speed in knots [default: 10].
  --moored      Moored (anchored) mine.
"""

BUSYBOX = """\
BusyBox v1 multi-call binary.

Usage: box [function [arguments]...]
   or: box --list

Currently defined functions:
\t[, [[, arch, ash, base64,
\tcat, chmod
"""

CURL = """\
Usage: fetch [options...] <url>
 -d, --data <data>          HTTP POST data
 -o, --output <file>        Write to file

This is not the full help.
"""

NPM = """\
npm <command>

Usage:

npm install        install all of it

All commands:

    access, audit, bugs,
    ci

Specify configs on the command line via: npm <command> --key=value
"""

MANUAL = """\
VCS-LOG(1)                      Manual                      VCS-LOG(1)

N\bNA\bAM\bME\bE
       vcs-log - Show logs

SYNOPSIS
       vcs log [<options>] [<path>...]

DESCRIPTION
       Shows logs.

OPTIONS
       --follow
           Go on beyond renames.

       --no-decorate, --decorate[=short|full]
           Print names.

SEE ALSO
       --other
"""

FIND = """\
Usage: seek [path...] [expression]
Tests (N can be +N or -N or N): -amin N -anewer FILE -atime N
      -ctime -empty -false -fstype TYPE
"""

LIST = "arch\nash\n[\nbase64\n"

COLOURED = "\x1b[1mUsage:\x1b[0m \x1b[36mx\x1b[0m [OPTIONS]\r\n\r\nOptions:\r\n  \x1b[1m--fast\x1b[0m  Go\x07\r\n"

EVERY = {name: text for name, text in globals().items() if isinstance(text, str) and name.isupper()}
