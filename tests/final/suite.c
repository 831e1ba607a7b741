/*
 * Suite of the engine: containers have names, a life and a history, and no
 * daemon watches over them.
 */
#include "suite.h"

static const struct chapter *const chapters[] = {
    &chapter_foreground, &chapter_life,
    &chapter_inside,     &chapter_telling,
    &chapter_places,     &chapter_health,
    &chapter_changes,    &chapter_explain,
    &chapter_lean,       &chapter_files,
    &chapter_rootless,   &chapter_posture,
    &chapter_threats,    &chapter_threats_paths,
    &chapter_words,      &chapter_crashes,
    &chapter_crash,      &chapter_hardship,
    &chapter_storms,     NULL,
};

int main(int argc, char *argv[])
{
    return suite_main(argc, argv,
                      &(struct suite){
                          .step = "final",
                          .chapters = chapters,
                          .prepare = shared_settle_in,
                          .before_each = shared_fresh,
                          .cleanup = shared_clean_up,
                      });
}
