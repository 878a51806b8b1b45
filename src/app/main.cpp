#include "app/command_line.h"

int main(int argc, char** argv) { return kavach::app::run(argc, argv); }
