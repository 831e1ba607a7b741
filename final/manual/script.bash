# From here on it is not made of tables: see final/manual/script.bash.

# Names of one kind, one a line. They are where the flags before the verb say.
_duct_names() {
    local kind name tag

    case $1 in
    container) "${duct[@]}" ps -a --format '{{.Names}}' ;;
    image)
        # Its table begins with these two, whether or not it knows --format.
        "${duct[@]}" images | while read -r name tag _; do
            [[ $name == REPOSITORY ]] || printf '%s:%s\n' "$name" "$tag"
        done
        ;;
    volume | network) "${duct[@]}" "$1" ls -q ;;
    any) for kind in container image volume network; do _duct_names "$kind"; done ;;
    esac 2>/dev/null </dev/null
}

# Takes over the lines of standard input that begin as what was typed does.
# Bash replaces only what stands behind the last ":" or "=".
_duct_offer() {
    local line kept=''

    [[ $typed != *[:=]* ]] || kept=${typed%"${typed##*[:=]}"}
    while IFS= read -r line; do
        [[ $line != "$typed"* || $line == *'<none>'* ]] ||
            COMPREPLY+=("${line#"$kept"}")
    done
}

# Does this flag take the word after it? Of -itv only the last letter can.
_duct_takes() {
    local letters=${1#-}

    if [[ $1 == --* ]]; then
        [[ " $valued" == *" $1 "* ]]
        return
    fi
    while [[ -n $letters ]]; do
        if [[ " $valued" == *" -${letters:0:1} "* ]]; then
            [[ -z ${letters:1} ]]
            return
        fi
        letters=${letters:1}
    done
    return 1
}

# What may follow a flag that wants a value: names, or files by default.
_duct_value() {
    case $1 in
    --network) _duct_offer < <(_duct_names network) ;;
    esac
}

# The words after the verb, up to the one that is being typed.
_duct_arguments() {
    local is_over='' count=0 kind

    while ((${#words[@]} > 0)); do
        if [[ ! $is_over && ${words[0]} == -- ]]; then
            is_over=yes
        elif [[ ! $is_over && ${words[0]} == -?* ]]; then
            if _duct_takes "${words[0]}"; then
                if ((${#words[@]} == 1)); then
                    _duct_value "${words[0]}"
                    return
                fi
                words=("${words[@]:1}")
            fi
        else
            ((++count))
            ((ends_flags)) && is_over=yes
        fi
        words=("${words[@]:1}")
    done
    if [[ ! $is_over && $typed == -* ]]; then
        _duct_offer < <(tr ' ' '\n' <<<"$flags")
        return
    fi
    ((most < 0 || count < most)) || return
    kind=${kinds[count]-}
    if [[ -z $kind ]] && ((most < 0 && !ends_flags && ${#kinds[@]} > 0)); then
        kind=${kinds[${#kinds[@]} - 1]}
    fi
    [[ -z $kind || $kind == file ]] || _duct_offer < <(_duct_names "$kind")
}

_duct() {
    local IFS=$' \t\n' line=${COMP_LINE:0:COMP_POINT} typed='' verb
    local -a words duct
    local flags valued kinds most ends_flags

    read -r -a words <<<"$line"
    [[ $line == *[[:blank:]] ]] || {
        typed=${words[${#words[@]} - 1]}
        unset "words[${#words[@]} - 1]"
    }
    COMPREPLY=()
    duct=("${words[0]}")
    words=("${words[@]:1}")
    while [[ ${words[0]-} == -* ]]; do
        duct+=("${words[0]}")
        if [[ ${words[0]} == --data-root || ${words[0]} == --run-root ]]; then
            ((${#words[@]} > 1)) || return 0
            words=("${words[@]:1}")
            duct+=("${words[0]}")
        fi
        words=("${words[@]:1}")
    done
    if ((${#words[@]} == 0)) && [[ $typed == -* ]]; then
        _duct_offer <<<$'--data-root\n--run-root\n--explain\n--version\n--help'
        return 0
    elif ((${#words[@]} == 0)); then
        _duct_offer < <(_duct_words '')
        return 0
    fi
    verb=${words[0]}
    words=("${words[@]:1}")
    if ! _duct_verb "$verb"; then
        if ((${#words[@]} == 0)); then
            _duct_offer < <(_duct_words "$verb")
            return 0
        fi
        _duct_verb "$verb ${words[0]}" || return 0
        words=("${words[@]:1}")
    fi
    _duct_arguments
    return 0
}

complete -o default -F _duct duct
