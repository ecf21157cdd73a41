# embed.cmake - the C file of a table of files that the program carries; see host/base/embedded.h.
#
#   cmake -DLIST=FILE -DOUT=FILE.c -DTABLE=NAME -P tools/embed.cmake
#
# TABLE is the array that names them. LIST holds the names, separated by semicolons, relative to the
# working directory. The assembler reads the files (.incbin): ten megabytes as C's numbers cost a
# compiler a quarter of a minute. Behind each is a NUL that its size does not count. The symbols are
# global for link-time optimisation, which may part code from assembly, and hidden.
file(READ ${LIST} names)
get_filename_component(root . ABSOLUTE)

set(arrays "")
set(table "")
set(i 0)
foreach(name IN LISTS names)
    file(SIZE ${name} size)
    string(APPEND arrays "EMBED(${TABLE}_${i}, \"${root}/${name}\")\n")
    string(APPEND table "    { \"${name}\", ${TABLE}_${i}, ${size} },\n")
    math(EXPR i "${i} + 1")
endforeach()

file(WRITE ${OUT} "#include \"base/embedded.h\"

#define EMBED(symbol, path)                                                           \\
    __asm__(\".pushsection .rodata\\n.balign 16\\n.globl \" #symbol \"\\n.hidden \" #symbol  \\
            \"\\n\" #symbol \":\\n.incbin \\\"\" path \"\\\"\\n.byte 0\\n.popsection\");         \\
    extern const unsigned char symbol[];

${arrays}
const struct scl_embedded ${TABLE}[] = {
${table}    { 0 },
};
")
