#!/bin/sh
# workshop.sh start|check|hint|solution STEP: a student's own copy of a step.
#
# The ladder is the exercise: the copy begins as the step before and is to
# become the step. Step 01 has none before it, so it begins as itself with an
# empty room. WORKSHOP=DIR keeps the copies elsewhere than in workshop/.
. "$(dirname "$0")/lib.sh"

verb=${1-}
step=$(step_named "${2-}")
number=${step%%-*}
workshop=${WORKSHOP:-workshop}
copy=$workshop/$step
lesson=lessons/$step.md

need_copy() {
    [ -d "$copy" ] || die "there is no $copy yet" \
        "make start STEP=$number"
}

sources() {
    find "$1" -maxdepth 1 \( -name '*.c' -o -name '*.h' -o -name Makefile \) \
        -exec basename {} \;
}

copy_sources() {
    for file in $(sources "$1"); do
        cp "$1/$file" "$2/$file"
    done
}

# ------------------------------------------------------------------- start

# empty_room FILE: leave each function's head, and take its body away.
empty_room() {
    awk '
        # (void)NAME for each parameter but `why`, which the return uses.
        function unused(head,   count, list, i, name) {
            sub(/^[^(]*\(/, "", head)
            sub(/\)[^)]*$/, "", head)
            count = split(head, list, ",")
            for (i = 1; i <= count; i++) {
                name = list[i]
                sub(/.*[^a-z0-9_]/, "", name)
                if (name != "why" && name != "void")
                    printf "    (void)%s;\n", name
            }
        }
        /^\{$/ {
            print
            name = head
            sub(/\(.*/, "", name)
            sub(/.*[^a-z0-9_]/, "", name)
            unused(head)
            printf "    return fail(why, ENOSYS, \"%s is yours to write\");\n",
                name
            inside = 1
        }
        /^\}$/ { inside = 0 }
        !inside && !/^\{$/ { print }
        /^[a-z]/ { head = "" }
        { head = head $0 }
    ' "$1" >"$1.empty"
    mv "$1.empty" "$1"
}

# The lesson's "## The exercise" without its hints. Links lead from the
# lesson's place, so they need another beginning here.
exercise() {
    awk '
        /^## / { inside = /^## The exercise/; next }
        inside && /^<details><summary>Hint/ { hint = 1 }
        inside && !hint { print }
        /<\/details>/ { hint = 0 }
    ' "$lesson" | cat -s |
        sed -e 's|](\([a-z0-9.][^:)]*\))|](../../lessons/\1)|g' \
            -e 's|](../../lessons/../|](../../|g' \
            -e "s|](#|](../../$lesson#|g"
}

task_sheet() {
    say "# $step"
    exercise
    cat <<EOF

---

| | |
|---|---|
| the lesson | [$lesson](../../$lesson) |
| judge your program | \`sudo make check STEP=$number\` |
| stop at the first failure | \`sudo make check STEP=$number FAILFAST=1\` |
| the next hint | \`make hint STEP=$number\` |
| the model, beside yours | \`make solution STEP=$number\` |

You are in \`$copy\`; call \`make check\` and the others from the project's top
directory.
EOF
}

start() {
    [ ! -e "$copy" ] || die "$copy is there already; go on working in it," \
        "or put it aside and begin again:" \
        "mv $copy $copy.old && make start STEP=$number"
    before=$(step_before "$step")
    mkdir -p "$workshop"
    own_directory "$workshop"
    mkdir "$copy"
    copy_sources "steps/${before:-$step}" "$copy"
    if [ -z "$before" ]; then
        for room in $(new_rooms "$step"); do
            empty_room "$copy/$room"
        done
    fi
    task_sheet >"$copy/TASK.md"
    give_back "$copy"

    if [ -n "$before" ]; then
        say "$copy is a copy of steps/$before. Make it do what step $number" \
            "does."
    else
        say "$copy is step $number with an empty" \
            "$(new_rooms "$step" | tr '\n' ' ')to fill."
    fi
    say "Your task:  $copy/TASK.md"
    say "Judge it:   sudo make check STEP=$number"
}

# ------------------------------------------------------------------- check

build_copy() {
    make -s -C "$copy" duct && return
    say
    die "$copy does not compile yet" \
        "begin with the compiler's first complaint above"
}

# judged STATUS: what to do next.
judged() {
    say
    case $1 in
    0)
        after=$(step_after "$step")
        say "${green}$copy does what step $number should do.${plain}"
        say "Compare it with the model:  make solution STEP=$number"
        say "Answer the questions:       $lesson#questions"
        [ -z "$after" ] ||
            say "Go on:                      make start STEP=${after%%-*}"
        ;;
    1)
        say "${yellow}Not there yet.${plain} Begin with the first FAILED:" \
            "what comes later may follow from it."
        say "Only the first:  sudo make check STEP=$number FAILFAST=1"
        say "A hint:          make hint STEP=$number"
        ;;
    *)
        say "${red}Your program could not be judged${plain} (status $1);" \
            "the reason is above."
        ;;
    esac
    return "$1"
}

check() {
    need_copy
    is_root || die "judging needs root: sudo make check STEP=$number"
    build_copy
    give_back "$copy"
    status=0
    DUCT=$copy/duct ROOTFS=${ROOTFS:-rootfs/busybox} VERDICT=student \
        timeout -k 10 600 "build/tests/$step" || status=$?
    judged "$status"
}

# -------------------------------------------------------------------- hint

# hint_text N: what is folded away under "Hint N".
hint_text() {
    awk -v wanted="<details><summary>Hint $1</summary>" '
        /^## / { inside = /^## The exercise/ }
        shown && /<\/details>/ { exit }
        shown { print }
        inside && index($0, wanted) { shown = 1 }
    ' "$lesson" | sed -e '/./,$!d' # without the blank lines before it
}

hint() {
    need_copy
    seen=$(cat "$copy/.hints" 2>/dev/null || echo 0)
    next=$((seen + 1))
    text=$(hint_text "$next")
    if [ -z "$text" ]; then
        say "That was the last hint; all of them are in $copy/HINTS.md."
        say "The model, beside yours: make solution STEP=$number"
        return
    fi
    printf '## Hint %s\n\n%s\n\n' "$next" "$text" >>"$copy/HINTS.md"
    say "$next" >"$copy/.hints"
    give_back "$copy"
    printf '%sHint %s%s\n\n%s\n' "$bold" "$next" "$plain" "$text"
    if [ -n "$(hint_text $((next + 1)))" ]; then
        printf '\n%s(there is one more: make hint STEP=%s)%s\n' "$dim" \
            "$number" "$plain"
    fi
}

# ---------------------------------------------------------------- solution

paste_solution() {
    count=1
    while [ -e "$copy.mine-$count" ]; do
        count=$((count + 1))
    done
    mv "$copy" "$copy.mine-$count"
    mkdir "$copy"
    copy_sources "steps/$step" "$copy"
    for file in TASK.md HINTS.md .hints; do
        [ ! -e "$copy.mine-$count/$file" ] ||
            cp "$copy.mine-$count/$file" "$copy/$file"
    done
    give_back "$copy"
    say "$copy is the model now; yours is kept in $copy.mine-$count"
}

compare() {
    say "${bold}From yours ($copy) to the model (steps/$step)${plain}"
    for file in $({
        sources "$copy"
        sources "steps/$step"
    } | sort -u); do
        diff -uN --color="$colour" --label "$copy/$file" \
            --label "steps/$step/$file" \
            "$copy/$file" "steps/$step/$file" || [ $? -eq 1 ]
    done
}

solution() {
    need_copy
    if [ "${PASTE-}" = 1 ]; then
        paste_solution
    else
        compare | page
        [ ! -t 1 ] || say "To take it over: make solution STEP=$number PASTE=1"
    fi
}

case $verb in
start | check | hint | solution) "$verb" ;;
*) die "usage: tools/workshop.sh start|check|hint|solution STEP" ;;
esac
