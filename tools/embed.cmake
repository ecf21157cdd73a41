# embed.cmake - writes files as byte arrays into one C file; see host/base/embedded.h.
#
#   cmake -DLIST=FILE -DOUT=FILE.c -DTABLE=NAME -P tools/embed.cmake
#
# TABLE is the array that names them. LIST holds the names, separated by semicolons, relative to the working directory. Every
# array ends with a NUL that its size does not count.
file(READ ${LIST} names)

set(arrays "")
set(table "")
set(i 0)
foreach(name IN LISTS names)
    file(READ ${name} hex HEX)
    string(LENGTH "${hex}" size)
    math(EXPR size "${size} / 2")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(REPEAT "....................." 4 line) # 84 characters are 16 bytes and 4 over
    string(SUBSTRING "${line}" 0 80 line)
    string(REGEX REPLACE "(${line})" "\\1\n" bytes "${bytes}")
    string(APPEND arrays "static const unsigned char file_${i}[] = {\n${bytes}0x00\n};\n")
    string(APPEND table "    { \"${name}\", file_${i}, ${size} },\n")
    math(EXPR i "${i} + 1")
endforeach()

file(WRITE ${OUT} "#include \"base/embedded.h\"\n\n${arrays}
const struct scl_embedded ${TABLE}[] = {\n${table}    { 0 },\n};\n")
